"""What WhisperX needs for some calls; runs in an environment of its own, which has whisperx and not heard.

    python whisperx_calls.py MODEL_FOLDER THREADS CALL.npy ...      (mono, 16 kHz, float32)

Prints, as JSON, the seconds of each stage for each call, by the wall clock and of processor time. Its word times need a wav2vec2 model and a splitter of sentences that
only hubs have: the same network with random weights and an untrained splitter take as long, and are timed in their place. Its
speakers need a pipeline that only a hub has, too; they are left out.
"""

import json
import os
import sys
import time
from importlib.metadata import version

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["PYANNOTE_METRICS_ENABLED"] = "0"

import numpy as np
import torch
import torchaudio
import whisperx
import whisperx.alignment
from nltk.tokenize.punkt import PunktSentenceTokenizer


def now() -> np.ndarray:
    """Seconds by the wall clock and of processor time."""
    return np.array([time.perf_counter(), time.process_time()])


def main(model: str, threads: int, calls: list[str]) -> None:
    """Warm up with the beginning of the first call, then time them all."""
    torch.set_num_threads(threads)
    pipeline = whisperx.load_model(model, "cpu", compute_type="int8", threads=threads, language=None)
    whisperx.alignment.nltk_load = lambda _: PunktSentenceTokenizer()
    bundle = torchaudio.pipelines.WAV2VEC2_ASR_BASE_960H
    network = torchaudio.models.wav2vec2_model(**bundle._params).eval()
    letters = {letter.lower(): number for number, letter in enumerate(bundle.get_labels())}
    about = {"language": "en", "dictionary": letters, "type": "torchaudio"}
    sounds = [np.load(call) for call in calls]
    pipeline.transcribe(sounds[0][: 12 * 16_000], batch_size=8)
    spent = []
    for sound in sounds:
        began = now()
        heard = pipeline.transcribe(sound, batch_size=8)
        words = now()
        whisperx.alignment.align(heard["segments"], network, about, sound, "cpu")
        spent.append({"text": list(words - began), "times": list(now() - words)})
    print(json.dumps({"version": version("whisperx"), "calls": spent}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
