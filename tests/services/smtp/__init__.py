"""Tests of the kind SMTP: on Postfix and Exim, and on scripted peers."""
