"""Tests of the kind RabbitMQ: on real brokers of every version, and on scripted peers."""
