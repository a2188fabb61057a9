"""pytest collects nothing here: `make bench` is a command."""

collect_ignore_glob = ["*"]
