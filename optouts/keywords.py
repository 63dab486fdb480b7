"""Opt-out and opt-in words: a whole message that is one of these, and nothing less.

"Please stop by the shop" is no opt-out. Nor is "ok" an opt-in: only a word that can mean nothing else. Pure.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Meaning = Literal["stop", "marketing", "start"]  # an opt-out of everything, one of marketing, an opt-in
NOTHING = "none"  # what a workspace says of a word that it does not want to count

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
# The button that Meta puts below marketing templates, and words like it.
MARKETING_WORDS = {
    "en": "stop promotions; stop promotion; stop marketing; stop ads; no promotions",
    "es": "detener promociones; parar promociones; no más promociones",
    "pt": "parar promoções; interromper promoções; parar de receber promoções",
    "id": "hentikan promosi; stop promosi; berhenti promosi",
    "ar": "إيقاف العروض; إيقاف العروض الترويجية",
    "hi": "प्रमोशन बंद करें; प्रचार बंद करें",
    "fr": "arrêter les promotions; stop promotions; plus de promotions",
    "de": "werbung stoppen; keine werbung; keine werbung mehr",
}
LONGEST = 200
# What nobody can take away: people rely on these everywhere.
ALWAYS: Mapping[str, Meaning] = MappingProxyType({"stop": "stop", "unsubscribe": "stop", "start": "start"})


def reading(text: str, own: Mapping[str, str] = MappingProxyType({})) -> Meaning | None:
    """What a message says about being written to, if that is all it says.

    `own` are a workspace's own words, normalised, which go before the defaults.
    """
    if len(text) > LONGEST:
        return None
    plain = normalise(text)
    meaning = own.get(plain) or DEFAULTS.get(plain)
    return None if meaning == NOTHING else meaning  # type: ignore[return-value]


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


def split(words: str) -> list[str]:
    return [word.strip() for word in words.split(";")]


def _all(words: dict[str, str], meaning: Meaning) -> dict[str, Meaning]:
    return {normalise(word): meaning for of_language in words.values() for word in split(of_language)}


DEFAULTS: Mapping[str, Meaning] = MappingProxyType(
    _all(START_WORDS, "start") | _all(MARKETING_WORDS, "marketing") | _all(STOP_WORDS, "stop")
)
