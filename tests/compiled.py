"""The pages' templates, compiled once a process instead of once a site."""

from jinja2 import BytecodeCache


class Compiled(BytecodeCache):
    """Keeps what Jinja compiled, by template and by the template's text."""

    def __init__(self):
        self._kept = {}

    def load_bytecode(self, bucket):
        if (bucket.key, bucket.checksum) in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key, bucket.checksum])

    def dump_bytecode(self, bucket):
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()
