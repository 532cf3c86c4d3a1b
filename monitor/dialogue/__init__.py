"""A frozen language model that has read the call so far, and says what a turn means in it."""

from monitor.dialogue.encoder import Dialogue, DialogueEncoder

__all__ = ["Dialogue", "DialogueEncoder"]
