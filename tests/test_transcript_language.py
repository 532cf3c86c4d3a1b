"""The language of a transcript that does not state it."""

import pytest

from monitor.transcripts.language import find_language, language_code

CALLS = {
    "en": "Thank you for calling, how can I help you? It's about my bill, I don't know what happened with it.",
    "de": "Guten Tag, was kann ich für Sie tun? Meine Rechnung ist nicht richtig, und ich habe schon dreimal angerufen.",
    "es": "Buenos días, ¿en qué puedo ayudarle? No me funciona el internet desde ayer y ya llamé dos veces.",
    "fr": "Bonjour, je vous écoute. Ma facture n'est pas correcte et je ne sais pas quoi faire avec ça.",
    "it": "Buongiorno, come posso aiutarla? La mia bolletta non è giusta e ho già chiamato due volte.",
    "pt": "Bom dia, como posso ajudar? A minha fatura não está certa e já liguei duas vezes para vocês.",
    "nl": "Goedemiddag, waarmee kan ik u helpen? Mijn rekening klopt niet en ik heb al twee keer gebeld.",
    "pl": "Dzień dobry, w czym mogę pomóc? Mój rachunek jest błędny i dzwonię już trzeci raz w tej sprawie.",
    "tr": "İyi günler, size nasıl yardımcı olabilirim? Faturam yanlış ve bu konuda çok kez aradım ama sonuç yok.",
    "lv": "Labdien, kā varu jums palīdzēt? Mans rēķins nav pareizs, un es jau trešo reizi zvanu par to.",
    "ru": "Добрый день, чем могу помочь? У меня неправильный счёт, и я звоню уже третий раз.",
    "ar": "مساء الخير، كيف يمكنني مساعدتك؟ الفاتورة ليست صحيحة وقد اتصلت ثلاث مرات.",
    "zh": "您好，请问有什么可以帮您？我的账单不对，我已经打了三次电话了。",
    "ja": "お電話ありがとうございます。請求書が間違っていて、もう三回も電話しています。",
    "ko": "안녕하세요, 무엇을 도와드릴까요? 청구서가 잘못되어서 벌써 세 번째 전화합니다.",
    "th": "สวัสดีค่ะ มีอะไรให้ช่วยไหมคะ ใบแจ้งหนี้ของฉันไม่ถูกต้อง",
}


@pytest.mark.parametrize("language", CALLS)
def test_each_language_is_told_from_the_others(language: str) -> None:
    assert find_language(CALLS[language].split(". ")) == language


@pytest.mark.parametrize(
    "text", ["", "12 34 :-)", "Lorem ipsum dolor sit amet consectetur adipiscing elit sed eiusmod"]
)
def test_what_does_not_tell_is_not_guessed(text: str) -> None:
    assert find_language([text]) is None


def test_a_borrowed_word_does_not_change_the_language() -> None:
    assert find_language(["我的 router 和 Wi-Fi 都坏了，客服说 please restart"]) == "zh"


@pytest.mark.parametrize(
    ("tag", "code"),
    [("en-US", "en"), ("zh_CN", "zh"), ("cmn-Hans", "zh"), ("DE", "de"), ("english", None), (None, None)],
)
def test_language_tags(tag: str | None, code: str | None) -> None:
    assert language_code(tag) == code
