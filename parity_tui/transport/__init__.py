"""The only ways out of the process: connections and commands, each behind limits."""
