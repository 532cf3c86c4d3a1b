"""Speech by machines: many more voices than the recordings hold, calm and agitated, none of them in distress.

Needs the commands espeak-ng and flite (Debian packages of the same names).
"""

import io
import subprocess
import wave

import numpy as np
from scipy.signal import resample_poly

from training.sounds_synth import RATE, Rng, Samples

SENTENCES = {
    "en": (
        "I have been waiting for this delivery since last Tuesday, and nobody can tell me where it is.",
        "No, that is the number on the back. The one you want starts with a four, doesn't it?",
        "This is ridiculous! I have told three different people the very same thing today!",
        "All right, let me just find a pen. Could you say that again, a little slower please?",
        "Oh wonderful, thank you so much, you have no idea how glad I am to hear that.",
    ),
    "de": ("Ich habe die Rechnung schon im März bezahlt, das sehen Sie doch in Ihrem System!",),
    "es": ("Mire, llevo una hora esperando y todavía no me han dicho nada de mi pedido.",),
    "fr": ("Non, ce n'est pas possible, on m'avait promis un remboursement avant la fin du mois.",),
    "it": ("Mi scusi, ma io il contratto l'ho disdetto a gennaio, come glielo devo dire?",),
    "pt": ("Já liguei duas vezes esta semana e continuam a mandar-me a mesma fatura.",),
    "pl": ("Proszę pana, ja już to wszystko mówiłam wczoraj pana koledze.",),
    "cmn": ("我昨天已经打过电话了，你们说今天一定会有人来修。",),
}
FLITE = ("awb", "kal16", "rms", "slt")
VARIANTS = ("", "+f1", "+f2", "+f3", "+f4", "+f5", "+m1", "+m3", "+m5", "+m7", "+whisper", "+croak")


def monologue(rng: Rng) -> Samples:
    """Three sentences by one voice, with pauses, at 8 kHz."""
    if rng.random() < 0.25:
        stretch, voice = rng.uniform(0.75, 1.25), str(rng.choice(FLITE))
        command = [
            "flite",
            "-voice",
            voice,
            "--setf",
            f"duration_stretch={stretch:.2f}",
            "-t",
            "{}",
            "-o",
            "/dev/stdout",
        ]
        texts: tuple[str, ...] = SENTENCES["en"]
    else:
        language = str(rng.choice(["en", *SENTENCES]))
        voice, texts = language + str(rng.choice(VARIANTS)), SENTENCES[language]
        command = [
            "espeak-ng",
            "-v",
            voice,
            "-p",
            str(rng.integers(10, 99)),
            "-s",
            str(rng.integers(120, 230)),
            "--stdout",
            "{}",
        ]
    parts = []
    for _ in range(3):
        said = subprocess.run([part.format(rng.choice(texts)) for part in command], capture_output=True, check=True)
        parts += [_samples(said.stdout), np.zeros(round(rng.uniform(0.2, 1.5) * RATE))]
    return np.concatenate(parts)


def _samples(riff: bytes) -> Samples:
    with wave.open(io.BytesIO(riff)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(1 << 30), np.int16) / 32768
    return np.asarray(resample_poly(samples, RATE, rate))
