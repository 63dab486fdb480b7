"""Opt-out and opt-in words: a whole message in one of eight languages, however it is written, and nothing less."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optouts import keywords
from optouts.closeness import may_be_stop
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
    assert set(keywords.MARKETING_WORDS) == set(STOP)


def test_every_word_of_the_tables_is_read_and_no_word_is_both():
    tables = {"stop": keywords.STOP_WORDS, "start": keywords.START_WORDS, "marketing": keywords.MARKETING_WORDS}
    for meaning, table in tables.items():
        for of_language in table.values():
            for word in keywords.split(of_language):
                assert reading(word) == meaning, word


def test_a_word_among_very_many_signs_is_not_looked_for():
    assert reading("stop" + "!" * 100) == "stop"
    assert reading("stop" + "!" * 5_000) is None


@given(st.text())
def test_any_text_can_be_read_and_normalising_twice_changes_nothing(text):
    assert reading(text) in {None, "stop", "start", "marketing"}
    assert normalise(normalise(text)) == normalise(text)


@given(st.sampled_from(words(STOP) + words(START)), st.sampled_from(["shop", "please", "ok", "कल", "غدا", "7"]))
def test_a_word_with_another_beside_it_says_nothing(word, more):
    assert reading(f"{word} {more}") is None
    assert reading(f"{more} {word}") is None


def test_a_workspaces_own_words_go_before_the_defaults():
    own = {normalise("Basta!"): "stop", normalise("alto"): "none", normalise("sair"): "marketing", "aduh": "start"}
    assert reading("basta", own) == "stop"
    assert reading("Alto", own) is None
    assert reading("Sair", own) == "marketing"
    assert reading("aduh", own) == "start"
    assert reading("STOP", own) == "stop"


@pytest.mark.parametrize("text", ["Stop promotions", "Parar promoções", "Hentikan promosi", "Werbung stoppen"])
def test_metas_own_button_stops_marketing_alone(text):
    assert reading(text) == "marketing"


CLOSE = [
    "please stop",
    "Stop now!",
    "STOPP IT",
    "stooooop",
    "stpo",
    "unsuscribe",
    "Unsubcribe",
    "pls stop sending me messages",
    "Please don't message me again",
    "tolong berhenti",
    "berhenti kirim pesan ya",
    "no me escriban más por favor",
    "Não quero receber mais nada",
    "Bitte keine Nachrichten mehr",
    "I would like to opt out of this",
]


@pytest.mark.parametrize("text", CLOSE)
def test_what_may_be_an_opt_out_is_close_and_is_none(text):
    assert reading(text) is None
    assert may_be_stop(text, {})


@pytest.mark.parametrize(
    "text",
    [
        *(text for text in NOTHING if "unsubscribe" not in text and "dar de baja" not in text),
        *("shop", "stock", "Stop by at noon please", "please", "", "👍", "subscribe please", "partner"),
        "We would never want anybody to unsubscribe because of a thing as small as that one, would we",
    ],
)
def test_what_has_nothing_to_do_with_it_is_not_asked_about(text):
    assert not may_be_stop(text, {})


@pytest.mark.parametrize("word", words(STOP) + words(START))
def test_what_is_one_already_is_not_close_to_one(word):
    assert not may_be_stop(word, {})


def test_a_workspaces_own_words_can_be_come_close_to_and_its_ignored_ones_cannot():
    assert may_be_stop("basta ya, gracias", {"basta": "stop"})
    assert not may_be_stop("basta ya, gracias", {})
    assert may_be_stop("dar de baja ahora", {})
    assert not may_be_stop("dar de baja ahora", {"dar de baja": "none"})


@given(st.text(max_size=60), st.dictionaries(st.text(max_size=8).map(normalise), st.sampled_from(["stop", "none"])))
def test_any_text_can_be_asked_about(text, own):
    assert may_be_stop(text, own) in {True, False}
