"""Trust in a parity.toml found in the working directory, which may belong to another user.

- `exposure.py`: whether others can write or replace the file: then it is refused as a whole
- `consent.py`: the programs that reading a target starts, and what it sends beside passwords
- `permission.py`: the digests of the files that the user has allowed
- `restriction.py`: the configuration of a file that was never allowed
"""
