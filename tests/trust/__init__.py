"""Trust in a configuration that nobody named: consent, exposure, permission."""
