"""Tests of the kind Elasticsearch: on a stand-in that answers as recorded servers do."""
