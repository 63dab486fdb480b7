"""What happens in the demo: who writes, what they say, who answers, and what becomes of it.

Everybody is invented. What is past is told by the phone's history; what is said today is said live, through the door.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

JSON = dict[str, Any]

SARI, BAYU = "sari@kopikita.example", "bayu@kopikita.example"


@dataclass(frozen=True)
class Past:
    """A message of an earlier day: `hours` ago, by the customer or (with a status) by the shop."""

    hours: float
    text: str
    status: str = ""


@dataclass(frozen=True)
class Answer:
    """A reply through our own form. With `takes`, the agent takes the conversation along."""

    text: str
    by: str = SARI
    takes: bool = True


@dataclass(frozen=True)
class Scene:
    """One conversation. `says` holds texts, or keyword arguments of the simulator's client for anything else."""

    name: str
    phone: str = ""
    username: str = ""
    past: tuple[Past, ...] = ()
    says: tuple[str | JSON, ...] = ()
    answers: tuple[Answer, ...] = ()
    then: tuple[str | JSON, ...] = ()  # said after the answers
    person: JSON = field(default_factory=dict)  # how the simulator has them behave
    fault: JSON = field(default_factory=dict)
    is_closed: bool = False


READS: JSON = {"reads": "always"}
LEAVES_UNREAD: JSON = {"reads": "never"}

LIVE = [
    Scene(
        "Dewi Anggraini",
        "628110000001",
        past=(
            Past(75.0, "Hi! Do you ship to Bandung?"),
            Past(74.8, "We do, every Tuesday and Friday. It takes two days.", "READ"),
        ),
        says=("Good morning! Is the Gayo from the new harvest in yet?",),
        answers=(Answer("Good morning Dewi! It came in on Monday: washed, notes of cocoa and orange."),),
        then=("Lovely. Two bags of 250 g please, ground for a V60.",),
        person=READS,
    ),
    Scene(
        "Andi Saputra",
        "628110000002",
        says=("Hello, what is in the subscription box this month?", {"type": "image", "sample": "image"}),
        answers=(Answer("Hi Andi! Toraja and Kintamani, 200 g each. Is that your cup in the picture?", BAYU),),
        person=READS,
    ),
    Scene(
        "Rina Kusuma",
        "628110000003",
        says=("Could you send me the invoice for order 1042 once more?",),
        answers=(Answer("Of course, here it comes by e-mail within the hour."),),
        person=LEAVES_UNREAD,
    ),
    Scene(
        "Hendra Wijaya",
        "628110000004",
        says=("I changed phones, please use this number from now on",),
        answers=(Answer("Thank you Hendra, noted! Your parcel leaves today.", BAYU),),
        person={"is_reachable": False},
    ),
    Scene(
        "Maya Siregar",
        "628110000005",
        says=("Can I still change the grind of my order?",),
        answers=(Answer("Yes, until four o'clock today. Which grind would you like?"),),
        person={"receipts": "silent"},
        fault={"kind": "lost_answer", "count": 1},
    ),
    Scene(
        "Agus Firmansyah",
        "628110000006",
        past=(
            Past(190.0, "What does the tasting on Saturday cost?"),
            Past(189.5, "150,000 rupiah, with five coffees and cake.", "READ"),
        ),
        says=("Too many messages. Nothing personal:", "STOP"),
    ),
    Scene("Lina", username="lina.brews", says=("Hi, I found you by your username. Do you sell gift cards?",)),
    Scene(
        "Kenji Watanabe",
        username="kenji_pours",
        says=("こんにちは。豆を日本に送れますか？",),
        answers=(Answer("こんにちは！はい、EMSで約一週間です。", BAYU),),
        person=READS,
    ),
    Scene(
        "Fajar Nugroho",
        "628110000007",
        says=("Vote for our next single origin!", {"unsupported": "poll_creation"}),
        answers=(Answer("Your poll did not come through here, WhatsApp keeps polls to itself. What are the options?"),),
        person=LEAVES_UNREAD,
    ),
    Scene(
        "Putri Maharani",
        "628110000008",
        says=(
            "Hello?",
            "Sorry, in a hurry",
            "My order 1057",
            "arrived",
            "but one bag is open",
            "and coffee is everywhere in the box",
            {"type": "image", "sample": "image", "caption": "Look at this"},
            "Can you help?",
        ),
    ),
    Scene(
        "Budi Hartono",
        "628110000009",
        says=({"type": "audio", "sample": "audio"},),
        answers=(Answer("Got it, Budi: five kilos of the house blend, whole beans, for Thursday.", BAYU),),
        person=READS,
    ),
    Scene(
        "Café Rasuna · Ibu Tuti",
        "628110000010",
        past=(
            Past(52.0, "The usual for this week please, 10 kg"),
            Past(51.6, "On its way with Friday's round.", "READ"),
        ),
        says=({"type": "document", "sample": "document"}, "The purchase order for November is attached."),
        answers=(Answer("Thank you, Ibu Tuti. Confirmed: delivery on Thursday before ten."),),
        person=READS,
    ),
    Scene(
        "فاطمة الزهراء",
        "628110000011",
        says=("السلام عليكم، هل لديكم قهوة بالهيل؟",),
        answers=(Answer("وعليكم السلام! نعم، 250 غرام بسعر 95,000 روبية.", BAYU),),
        person=READS,
    ),
    Scene(
        "Bambang Donaudampfschifffahrtsgesellschaftskapitän",
        "628110000012",
        says=(
            "Please look at https://tracking.example/parcels/KPK1042KPK1042KPK1042KPK1042KPK1042KPK1042KPK1042 : "
            "it says “delivered” but nothing is here",
        ),
    ),
    Scene(
        "Yusuf Hidayat",
        "628110000013",
        says=({"location": (-6.2146, 106.8451)}, "Can the courier find this place? It is behind the mosque."),
        answers=(Answer("He can, thank you! He calls when he is at the corner."),),
        person=READS,
        is_closed=True,
    ),
    Scene(
        "Sinta Dewanti",
        "628110000014",
        says=("Do you have decaf?",),
        answers=(Answer("We do: Sumatra, by the Swiss water process.", BAYU),),
        then=("Perfect, I order on the site. Thanks!",),
        person=READS,
        is_closed=True,
    ),
    Scene(
        "Rizky Ramadhan",
        "628110000015",
        says=({"contact": ("Pak Joko (courier)", "+62 811-0000-999")}, "He picks the machine up tomorrow."),
        answers=(Answer("Noted. It is ready at the counter from nine."),),
        person={"receipts": "manual"},
    ),
    Scene(
        "Nadia Putri",
        "628110000016",
        says=("Is the roastery open on Sunday?",),
        answers=(Answer("From ten to four, with a public cupping at eleven.", BAYU, takes=False),),
        person={"receipts": "silent"},
    ),
    Scene("Tono", "628110000017", says=("🙏🙏🙏",)),
    Scene(
        "Grace Tanuwijaya",
        "628110000018",
        says=("Hi there, do you rent out grinders for weddings? 23 January, about 200 guests.",),
    ),
]

EARLIER = [
    ("Ratna Sari", 26, "Thank you, the beans arrived!", "Enjoy them, Ratna!", "READ"),
    ("Joko Susilo", 27, "Do you grind for moka pots?", "We do. Choose “moka” at the checkout.", "READ"),
    (
        "Melati Handayani",
        29,
        "How long do the beans keep?",
        "Best within six weeks of roasting; the date is on the bag.",
        "DELIVERED",
    ),
    ("Arif Rahman", 33, "I would like to cancel my subscription", "Done. You can start again at any time.", "READ"),
    ("Citra Lestari", 35, "Which one is the least acidic?", "The Mandheling. Try it as French press.", "READ"),
    (
        "Dimas Prasetyo",
        46,
        "Do you have student prices?",
        "Ten per cent off with a student card, in the shop.",
        "DELIVERED",
    ),
    ("Eka Wulandari", 48, "Is the Flores natural sold out?", "Until the 28th, then it is back.", "READ"),
    ("Gilang Permana", 50, "Can I visit the roastery?", "Every Saturday at two, free of charge.", "READ"),
    (
        "Hana Salsabila",
        53,
        "My code KOPI10 does not work",
        "It ended on Sunday; KOPI5 is good until the end of the month.",
        "READ",
    ),
    ("Irfan Maulana", 55, "Thank you for the quick help yesterday", "", ""),
    (
        "Kartika Dewi",
        71,
        "Where is my parcel? Order 1021",
        "At the depot in Bogor; it should reach you tomorrow.",
        "READ",
    ),
    (
        "Lukman Hakim",
        73,
        "Do you deliver to offices?",
        "We do, from 5 kg on. Shall I send you the price list?",
        "DELIVERED",
    ),
    ("Mira Oktaviani", 76, "The tasting was wonderful!", "So glad you came, Mira.", "READ"),
    ("Novi Anggun", 95, "Is there a discount for 20 bags?", "For 20 bags it is 15 %.", "READ"),
    ("Oscar Tampubolon", 98, "Do you repair espresso machines?", "Sorry, we don't. Try Mesin Kopi in Tebet.", "READ"),
    ("Prita Mulyani", 101, "Wrong number, sorry", "", ""),
    ("Surya Darma", 120, "Are your bags recyclable?", "They are: bring them back to the shop.", "READ"),
    ("Tania Wibowo", 123, "Do you have a shop in Surabaya?", "Not yet. We post to Surabaya in three days.", "READ"),
    ("Umar Bakri", 144, "Can I pay by QRIS?", "In the shop and online, yes.", "PLAYED"),
    ("Vina Anjani", 167, "Is the house blend fully arabica?", "Nine tenths arabica, one tenth fine robusta.", "READ"),
]

SMALL_SHOP = [
    Scene(
        "Ratih",
        "628110000101",
        says=("Hello, are you open today?",),
        answers=(Answer("We are, until nine tonight."),),
        person=READS,
    ),
    Scene("Wawan", "628110000102", says=("Do you sell loose jasmine tea?",)),
    Scene("Yanti", username="yanti.teh", says=("Hi! I'd like to order ten boxes.",)),
]


def earlier() -> list[Scene]:
    """The conversations of past days: the window is closed, and nobody has been given them."""
    found = []
    for number, (name, hours, question, answer, status) in enumerate(EARLIER, start=31):
        past = [Past(hours, question)]
        if answer:
            past.append(Past(hours - 0.4, answer, status))
        found.append(Scene(name, f"6281100000{number}", past=tuple(past)))
    return found
