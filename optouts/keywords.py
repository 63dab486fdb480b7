"""Opt-out and opt-in words: a whole message that is one of these, and nothing less.

"Please stop by the shop" is no opt-out. Nor is "ok" an opt-in: only a word that can mean nothing else. Pure.
"""

from __future__ import annotations

import unicodedata
from typing import Literal

STOP_WORDS = {
    "en": "stop; stop all; stopall; unsubscribe; opt out; optout; cancel subscription; stop messages",
    "es": "alto; parar; detener; baja; dar de baja; darme de baja; cancelar suscripción; no más mensajes",
    "pt": "pare; parar; sair; cancelar inscrição; descadastrar; não quero mais mensagens; parar mensagens",
    "id": "berhenti; stop; hentikan; berhenti berlangganan; jangan kirim lagi; batal langganan",
    "ar": "إيقاف; توقف; أوقف; الغاء الاشتراك; إلغاء الاشتراك; قف",
    "hi": "बंद; बन्द; बंद करो; बंद करें; रोकें; रोको; सदस्यता समाप्त करें; band karo",
    "fr": "arrêt; arrêter; arrêtez; stop; désabonner; désinscription; me désabonner; se désabonner",
    "de": "stopp; stop; abmelden; abbestellen; keine nachrichten mehr; austragen",
}
START_WORDS = {
    "en": "start; unstop; subscribe; opt in; optin; resubscribe",
    "es": "alta; suscribir; suscribirme; darme de alta; volver a suscribirme",
    "pt": "inscrever; assinar; quero receber mensagens; voltar a receber",
    "id": "mulai; berlangganan; langganan; daftar lagi",
    "ar": "ابدأ; اشتراك; اشترك",
    "hi": "शुरू; शुरू करें; सदस्यता लें; shuru karo",
    "fr": "démarrer; m'abonner; abonner; s'abonner; reprendre",
    "de": "anmelden; abonnieren; wieder anmelden",
}
LONGEST = 200


def reading(text: str) -> Literal["stop", "start"] | None:
    """What a message says about being written to, if that is all it says."""
    if len(text) > LONGEST:
        return None
    plain = normalise(text)
    if plain in _STOP:
        return "stop"
    return "start" if plain in _START else None


def normalise(text: str) -> str:
    """Without case, width, diacritics, punctuation, emoji and repeated spaces: how words are compared.

    Vowel signs of Indic scripts are kept: they are letters there, not ornaments.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = [_kept(sign) for sign in folded]
    return " ".join("".join(kept).split())


def _kept(sign: str) -> str:
    category = unicodedata.category(sign)
    if sign == "ـ" or category == "Cf":  # the Arabic tatweel, joiners and direction marks draw nothing
        return ""
    if category[0] == "M":
        return sign if "\u0900" <= sign <= "\u0dff" else ""
    return sign if category[0] in "LN" else " "


def _all(words: dict[str, str]) -> frozenset[str]:
    return frozenset(normalise(word) for of_language in words.values() for word in of_language.split(";"))


_STOP = _all(STOP_WORDS)
_START = _all(START_WORDS)
