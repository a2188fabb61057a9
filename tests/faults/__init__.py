"""What servers and networks do to us: each test names its fault by the number of CONTRIBUTING.md's table."""
