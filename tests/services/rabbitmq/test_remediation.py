"""The commands that would set a value."""

from __future__ import annotations

import pytest

from parity_tui.model import Fact
from parity_tui.services.rabbitmq.remediation import remediate

POLICY = '{"vhost":"a b","name":"it\'s","pattern":"^x","apply-to":"queues","definition":{"max-length":5},"priority":3}'


@pytest.mark.parametrize(
    ("setting", "wanted", "fact", "command"),
    [
        ("plugin.rabbitmq_shovel", "4.0.5", Fact(), "rabbitmq-plugins enable rabbitmq_shovel"),
        ("plugin.rabbitmq_shovel", "", Fact("4.0.5"), "rabbitmq-plugins disable rabbitmq_shovel"),
        ("plugin.x; rm -rf /", "on", Fact(), "rabbitmq-plugins enable 'x; rm -rf /'"),
        ("feature_flag.khepri_db", "enabled", Fact("disabled"), "rabbitmqctl enable_feature_flag khepri_db"),
        ("feature_flag.khepri_db", "disabled", Fact("enabled"), ""),
        (
            "vhost.a b",
            '{"name":"a b","default_queue_type":"quorum"}',
            Fact(),
            "rabbitmqctl add_vhost 'a b' --default-queue-type quorum",
        ),
        ("vhost.a b", "", Fact("{}"), ""),
        ("vhost_limit.a.b.max-queues", "7", Fact(), "rabbitmqctl set_vhost_limits -p a.b '{\"max-queues\": 7}'"),
        ("policy.a b.it's", "", Fact(POLICY), "rabbitmqctl clear_policy -p 'a b' 'it'\"'\"'s'"),
        (
            "operator_policy.a b.it's",
            POLICY,
            Fact(),
            "rabbitmqctl set_operator_policy -p 'a b' --priority 3 --apply-to queues "
            "'it'\"'\"'s' '^x' '{\"max-length\":5}'",
        ),
        ("frame_max", "131072", Fact("4096"), "frame_max = 131072"),
        ("frame_max", "1\nx = 2", Fact("4096"), ""),
        ("cluster_name", "x", Fact("y"), ""),
    ],
)
def test_remediation_is_a_quoted_command(setting: str, wanted: str, fact: Fact, command: str) -> None:
    """Names and patterns come from a server; no command deletes a virtual host."""
    assert remediate(setting, wanted, fact).split("  #")[0] == command
