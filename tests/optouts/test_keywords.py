"""Opt-out and opt-in words: a whole message in one of eight languages, however it is written, and nothing less."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optouts import keywords
from optouts.keywords import normalise, reading

STOP = {
    "en": ["stop", "STOP", "Stop all", "stopall", "unsubscribe", "opt out", "opt-out", "Opt Out."],
    "es": ["alto", "parar", "baja", "Darme de baja", "cancelar suscripción", "No más mensajes"],
    "pt": ["pare", "parar", "sair", "cancelar inscrição", "não quero mais mensagens"],
    "id": ["berhenti", "Hentikan", "berhenti berlangganan", "jangan kirim lagi"],
    "ar": ["إيقاف", "ايقاف", "توقف", "أوقف", "إلغاء الاشتراك", "الغاء الاشتراك"],
    "hi": ["बंद", "बन्द", "बंद करो", "बंद करें", "रोकें", "सदस्यता समाप्त करें"],
    "fr": ["arrêt", "Arrêter", "arrêtez", "désabonner", "se désabonner", "désinscription"],
    "de": ["stopp", "abmelden", "abbestellen", "Keine Nachrichten mehr"],
}
START = {
    "en": ["start", "START", "unstop", "subscribe", "opt in", "opt-in", "resubscribe"],
    "es": ["alta", "suscribir", "darme de alta"],
    "pt": ["inscrever", "assinar", "quero receber mensagens"],
    "id": ["mulai", "berlangganan", "daftar lagi"],
    "ar": ["ابدأ", "اشتراك", "اشترك"],
    "hi": ["शुरू", "शुरू करें"],
    "fr": ["démarrer", "m'abonner", "m’abonner"],
    "de": ["anmelden", "abonnieren"],
}
NOTHING = [
    "please stop by the shop",
    "stop by",
    "Don't stop",
    "non-stop",
    "the bus stop",
    "I want to unsubscribe from the newsletter but keep this",
    "stop start",
    "ok",
    "yes",
    "thanks",
    "cancel",
    "cancel my order",
    "the end",
    "Quiero dar de baja un producto de mi carrito",
    "Quero sair amanhã cedo",
    "Berhenti di depan toko ya",
    "بدون توقف",
    "दुकान कब बंद होती है",
    "Je vais m'arrêter chez vous",
    "Wo ist die Bushaltestelle Stopp?",
    "restart",
    "when do you start",
    "",
    " ",
    "!!!",
    "🛑",
    "s t o p",
    "sto p",
]
# Ways of writing the same word; each keeps its letters.
WAYS = {
    "as it is": lambda word: word,
    "capitals": str.upper,
    "small": str.lower,
    "spaces and lines around": lambda word: f"  \n{word}\t ",
    "punctuation": lambda word: f"«{word}!!!»",
    "a full stop": lambda word: f"{word}.",
    "an emoji": lambda word: f"{word} 🙏🏽👍",
    "an emoji in front": lambda word: f"🛑{word}",
    "full width": lambda word: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word),
    "decomposed": lambda word: unicodedata.normalize("NFD", word),
    "composed": lambda word: unicodedata.normalize("NFC", word),
    "invisible signs": lambda word: f"\u200f\u200b{word}\u200d\ufeff",
    "many spaces between": lambda word: word.replace(" ", "   "),
    "a no-break space": lambda word: word.replace(" ", "\u00a0"),
    "bold, as WhatsApp writes it": lambda word: f"*{word}*",
}


def words(table: dict[str, list[str]]) -> list[str]:
    return [word for of_language in table.values() for word in of_language]


@pytest.mark.parametrize("word", words(STOP))
def test_each_languages_stop_words_stop(word):
    assert reading(word) == "stop"


@pytest.mark.parametrize("word", words(START))
def test_each_languages_start_words_start(word):
    assert reading(word) == "start"


@pytest.mark.parametrize("text", NOTHING)
def test_anything_that_is_not_the_word_alone_says_nothing(text):
    assert reading(text) is None


@pytest.mark.parametrize("way", WAYS)
def test_a_word_is_known_in_whatever_way_it_is_written(way):
    for meaning, table in (("stop", STOP), ("start", START)):
        for word in words(table):
            assert reading(WAYS[way](word)) == meaning, word


@pytest.mark.parametrize(("typed", "word"), [("desabonner", "désabonner"), ("arret", "arrêt"), ("Nao", "não")])
def test_accents_may_be_left_out(typed, word):
    assert normalise(typed) == normalise(word)


def test_the_vowel_signs_of_hindi_are_letters():
    assert normalise("बंद करो") == "बंद करो"
    assert reading("बद कर") is None


def test_arabic_ornaments_do_not_count():
    assert reading("تَوَقَّف") == "stop"
    assert reading("تـــوقف") == "stop"


def test_all_eight_languages_are_there_with_words_of_both_kinds():
    assert set(keywords.STOP_WORDS) == set(keywords.START_WORDS) == set(STOP) == set(START)


def test_every_word_of_the_tables_is_read_and_no_word_is_both():
    for meaning, table in (("stop", keywords.STOP_WORDS), ("start", keywords.START_WORDS)):
        for of_language in table.values():
            for word in of_language.split(";"):
                assert reading(word) == meaning, word


def test_a_word_among_very_many_signs_is_not_looked_for():
    assert reading("stop" + "!" * 100) == "stop"
    assert reading("stop" + "!" * 5_000) is None


@given(st.text())
def test_any_text_can_be_read_and_normalising_twice_changes_nothing(text):
    assert reading(text) in {None, "stop", "start"}
    assert normalise(normalise(text)) == normalise(text)


@given(st.sampled_from(words(STOP) + words(START)), st.sampled_from(["shop", "please", "ok", "कल", "غدا", "7"]))
def test_a_word_with_another_beside_it_says_nothing(word, more):
    assert reading(f"{word} {more}") is None
    assert reading(f"{more} {word}") is None
