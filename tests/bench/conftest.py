"""Nothing here is a test: `make bench` is a command of its own."""

collect_ignore_glob = ["*"]
