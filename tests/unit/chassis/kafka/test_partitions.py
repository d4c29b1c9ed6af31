"""A stream's partition is the one that Java's default partitioner would choose."""

import pytest
from aiokafka import partitioner
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.kafka.partitions import murmur2, partition_of

# from UtilsTest of Apache Kafka, where the numbers are signed
VECTORS = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize("key", VECTORS)
def test_the_hash_of_known_keys_is_kafkas(key):
    assert murmur2(key) == VECTORS[key] % (1 << 32)


@given(st.binary(max_size=200))
def test_the_hash_of_any_key_is_that_of_another_client(key):
    assert murmur2(key) == partitioner.murmur2(key) % (1 << 32)


@given(st.text(min_size=1), st.integers(1, 200))
def test_a_stream_goes_where_another_client_sends_it(stream, partitions):
    choose = partitioner.DefaultPartitioner()
    numbers = list(range(partitions))
    assert partition_of(stream, partitions) == choose(stream.encode(), numbers, numbers)
