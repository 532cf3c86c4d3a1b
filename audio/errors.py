"""Everything that can go wrong, as a tree. Each message is one sentence: what, where, and what to do about it.

HeardError
├── BadInput            an input that cannot be analysed; the others of a batch go on
│   ├── BadAudio        not decodable, no sound in it, too short, an unsupported layout
│   ├── BadTranscript   a transcript that is not what it says (names the line)
│   └── BadStream       a live stream that is not what its protocol says
├── BadSettings         heard.toml, the environment or an option that cannot be used
├── ModelMissing        weights that are not installed or fail their checksum
└── StoreError          the store cannot be opened, read or written
"""


class HeardError(Exception):
    """Base of all expected failures; `str(error)` may be shown to a user as it is."""


class BadInput(HeardError):
    """An input that cannot be analysed."""


class BadAudio(BadInput):
    """A recording that cannot be decoded, or holds nothing to hear."""


class BadTranscript(BadInput):
    """A transcript that cannot be read."""


class BadStream(BadInput):
    """A live stream whose messages are not those of its protocol."""


class BadSettings(HeardError):
    """A setting that cannot be used."""


class ModelMissing(HeardError):
    """Model weights that are not to be found or not what they should be."""


class StoreError(HeardError):
    """The store cannot be opened, read or written."""
