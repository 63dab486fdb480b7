"""The templates that Kopi Kita has at Meta: one of each sort that an admin should have seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

JSON = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """`then` is what Meta decides of it after it was listed, told by webhook."""

    name: str
    language: str
    category: str
    components: tuple[JSON, ...]
    then: tuple[JSON, ...] = field(default=())


def body(text: str, *samples: str) -> JSON:
    example = {"example": {"body_text": [list(samples)]}} if samples else {}
    return {"type": "BODY", "text": text, **example}


def header(text: str) -> JSON:
    return {"type": "HEADER", "format": "TEXT", "text": text}


def footer(text: str) -> JSON:
    return {"type": "FOOTER", "text": text}


def buttons(*made: JSON) -> JSON:
    return {"type": "BUTTONS", "buttons": list(made)}


STOP = {"type": "QUICK_REPLY", "text": "Stop promotions"}
TRACK = {
    "type": "URL",
    "text": "Track the parcel",
    "url": "https://kopikita.example/orders/{{1}}",
    "example": ["https://kopikita.example/orders/1042"],
}
SAMPLES = (
    Sample(
        "order_update",
        "id",
        "UTILITY",
        (
            header("Pesanan dikirim"),
            body("Halo {{1}}, pesanan {{2}} sedang dalam perjalanan. Terima kasih!", "Dewi", "1042"),
            footer("Kopi Kita"),
            buttons(TRACK),
        ),
        ({"quality": "GREEN"},),
    ),
    Sample(
        "order_update",
        "en_US",
        "UTILITY",
        (
            header("On its way"),
            body("Hi {{1}}, your order {{2}} has left the roastery. Thank you!", "Dewi", "1042"),
            footer("Kopi Kita"),
            buttons(TRACK),
        ),
    ),
    Sample(
        "pickup_ready",
        "id",
        "UTILITY",
        (
            {"type": "HEADER", "format": "LOCATION"},
            body("Halo {{1}}, kopi Anda sudah bisa diambil sampai pukul {{2}} hari ini.", "Dewi", "20.00"),
        ),
    ),
    Sample(
        "weekend_promo",
        "id",
        "MARKETING",
        (
            {"type": "HEADER", "format": "IMAGE"},
            body("*Akhir pekan ini* diskon 25% untuk biji Gayo. Pakai kode {{1}} di kasir.", "KOPI25"),
            footer("Balas STOP untuk berhenti"),
            buttons({"type": "COPY_CODE", "example": "KOPI25"}, STOP),
        ),
        ({"quality": "RED"}, {"status": "PAUSED"}),
    ),
    Sample(
        "cart_reminder",
        "en_US",
        "UTILITY",
        (body("Hi {{1}}, your beans are still in the basket. Buy today and get 10% off!", "Dewi"),),
        (
            {
                "status": "REJECTED",
                "reason": "INCORRECT_CATEGORY",
                "advice": "This text advertises: send it as a marketing template.",
            },
        ),
    ),
)
