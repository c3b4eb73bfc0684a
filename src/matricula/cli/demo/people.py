"""The invented people of the demo: names as rosters of the world hold them, always the same ones."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

# given names, family names; ``written=letters`` where a username can't be distinguished from the name
_NAMES = {
    "es": (
        "María Lucía José Sofía Mateo Valentina Santiago Camila Andrés Paula Diego Martín Elena Hugo Inés Álvaro"
        " Ximena Joaquín Begoña Íñigo",
        "García Rodríguez Martínez López Núñez Peña Muñoz Herrera Castro Ortiz Vázquez Romero Álvarez De_la_Cruz Ríos"
        " Aguirre Salas Domínguez Quispe Mamani",
    ),
    "en": (
        "Olivia Liam Emma Noah Charlotte Oliver Amelia James Ava William Isla Theodore Mia Lucas Harper Henry Aoife"
        " Siobhán D'Andre Mary-Jane",
        "Smith Johnson Williams Brown Jones Davis Miller Wilson Moore Taylor O'Brien McDonald Thompson Walker Clarke"
        " Hughes St._John Lloyd-Jones Okafor Adeyemi",
    ),
    "zh": (
        "伟=wei 芳=fang 娜=na 秀英=xiuying 敏=min 静=jing 丽=li 强=qiang 磊=lei 洋=yang 杰=jie 霞=xia",
        "王=wang 李=li 张=zhang 刘=liu 陈=chen 杨=yang 赵=zhao 黄=huang 周=zhou 吴=wu 欧阳=ouyang 司马=sima",
    ),
    "hi": (
        "आरव=aarav आदित्य=aditya अर्जुन=arjun अनन्या=ananya दिया=diya प्रिया=priya कविता=kavita रोहन=rohan नेहा=neha",
        "शर्मा=sharma वर्मा=verma गुप्ता=gupta सिंह=singh पटेल=patel रेड्डी=reddy अय्यर=iyer दास=das जोशी=joshi नायर=nair",
    ),
    "ar": (
        "محمد=mohammed فاطمة=fatima أحمد=ahmed عائشة=aisha علي=ali مريم=maryam يوسف=yusuf عمر=omar ليلى=layla",
        "حداد=haddad خوري=khoury منصور=mansour ناصر=nasser صالح=saleh الحسيني=alhusseini شاهين=shahin درويش=darwish",
    ),
    "ru": (
        "Анна=anna Иван=ivan Дмитрий=dmitriy Ольга=olga Елена=yelena Сергей=sergey Оксана=oksana Тарас=taras",
        "Иванов=ivanov Смирнова=smirnova Кузнецов=kuznetsov Попова=popova Шевченко=shevchenko Коваленко=kovalenko",
    ),
    "vi": (
        "Minh Linh Anh Huy Trang Quân Thảo Đức=duc Hương Phúc Ngọc Tuấn",
        "Nguyễn Trần Lê Phạm Hoàng Huỳnh Võ Đặng=dang Bùi Đỗ=do Hồ Ngô",
    ),
    "tr": (
        "Mehmet Ayşe Emre Zeynep Çağla Oğuz İpek Gül Şule Ömer Işıl=isil Deniz",
        "Yılmaz=yilmaz Kaya Demir Şahin Çelik Yıldız=yildiz Öztürk Aydın=aydin Arslan Koç",
    ),
    "eu": (
        "Jürgen Anke Björn Käthe Øystein=oystein Åse Zoë Léa François Łukasz=lukasz Małgorzata=malgorzata João",
        "Müller Weiß=weiss Schröder Åkesson Dvořák Lefèvre Kowalczyk Wójcik van_den_Berg Ødegård=odegard Gonçalves",
    ),
    "ja": (
        "陽菜=hina 蓮=ren さくら=sakura 結衣=yui 健太=kenta 민준=minjun 서연=seoyeon 지우=jiwoo",
        "佐藤=sato 鈴木=suzuki 高橋=takahashi 田中=tanaka 김=kim 이=lee 박=park 최=choi",
    ),
}
_SHARES = {
    "north": {"en": 36, "es": 14, "zh": 12, "hi": 11, "ar": 7, "ru": 5, "vi": 4, "tr": 3, "eu": 5, "ja": 3},
    "sur": {"es": 80, "en": 4, "eu": 8, "ja": 3, "ar": 3, "zh": 2},
}
# what of a name can be in a username
_OTHER = re.compile("[^a-z]")


class Person(NamedTuple):
    """Someone with an account, and perhaps a key at one of the universities."""

    username: str
    email: str
    first_name: str
    last_name: str
    language: str
    student_key: str


class People(NamedTuple):
    """All of them: who studied last term, who comes new, and guests without a student key."""

    north: list[Person]
    sur: list[Person]
    north_new: list[Person]
    sur_new: list[Person]
    guests: list[Person]


def invent_people(random: Random) -> People:
    """Five hundred people; the same for the same seed."""
    names = {university: _names(random, university) for university in _SHARES}

    def some(university: str, count: int, domain: str, key: str = "") -> list[Person]:
        return [_person(names[university], domain, key.format(n)) for n in range(1, count + 1)]

    return People(
        some("north", 150, "students.north.example.org", "N-26-{:04}"),
        some("sur", 130, "alumnos.sur.example.org", "A2026-{:03}"),
        some("north", 90, "students.north.example.org", "N-27-1{:03}"),
        some("sur", 70, "alumnos.sur.example.org", "A2027-2{:02}"),
        some("north", 60, "mail.example.net"),
    )


class _Name(NamedTuple):
    first: str
    last: str
    username: str
    language: str


def _person(names: Iterator[_Name], domain: str, student_key: str) -> Person:
    name = next(names)
    return Person(name.username, f"{name.username}@{domain}", name.first, name.last, name.language, student_key)


def _names(random: Random, university: str) -> Iterator[_Name]:
    """Names without end; no two with one username, at both universities together."""
    shares = _SHARES[university]
    taken: Counter[str] = Counter()
    while True:
        [code] = random.choices(list(shares), list(shares.values()))
        (first, given), (last, family) = (_split(random.choice(words.split())) for words in _NAMES[code])
        username = f"{given}.{family}" if university == "north" else f"{given[0]}{family}"
        taken[username] += 1
        username += str(taken[username]) if taken[username] > 1 else ""
        yield _Name(first, last, username, code if code in {"es", "en"} else "")


def _split(word: str) -> tuple[str, str]:
    """A name as it is written, and in letters from a to z."""
    written, _, letters = word.partition("=")
    plain = letters or _OTHER.sub("", unicodedata.normalize("NFKD", written).lower())
    return written.replace("_", " "), plain
