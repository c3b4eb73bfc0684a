"""Names as they stand in the rosters of the world, with the letters from which usernames are made."""

from typing import NamedTuple


class Language(NamedTuple):
    """Given and family names, each written and in letters from a to z; how many of a hundred people have such ones."""

    code: str
    share: int
    given: list[tuple[str, str]]
    family: list[tuple[str, str]]


def _pairs(text: str) -> list[tuple[str, str]]:
    """Words parted by blanks; ``written=ascii`` where the two differ, and ``_`` for a blank within a name."""
    words = (word.partition("=") for word in text.split())
    return [(written.replace("_", " "), (ascii_ or written).lower().replace("_", "")) for written, _, ascii_ in words]


LANGUAGES = [
    Language(
        "es",
        22,
        _pairs(
            "María=maria Lucía=lucia José=jose Sofía=sofia Mateo Valentina Santiago Camila"
            " Andrés=andres Paula Diego Martín=martin Elena Hugo Inés=ines Álvaro=alvaro Ximena"
            " Joaquín=joaquin Begoña=begona Íñigo=inigo"
        ),
        _pairs(
            "García=garcia Rodríguez=rodriguez Martínez=martinez López=lopez Ibarra_Gómez=ibarra"
            " Núñez=nunez Peña=pena Muñoz=munoz Herrera Castro Ortiz Vázquez=vazquez Romero"
            " Álvarez=alvarez De_la_Cruz=delacruz Ríos=rios Aguirre Salas Domínguez=dominguez Quispe"
        ),
    ),
    Language(
        "en",
        24,
        _pairs(
            "Olivia Liam Emma Noah Charlotte Oliver Amelia James Ava William Isla Theodore Mia Lucas"
            " Harper Henry Aoife Siobhán=siobhan D'Andre=dandre Mary-Jane=maryjane"
        ),
        _pairs(
            "Smith Johnson Williams Brown Jones Davis Miller Wilson Moore Taylor O'Brien=obrien"
            " McDonald Thompson Walker Clarke Hughes St._John=stjohn Lloyd-Jones=lloydjones Okafor Singh"
        ),
    ),
    Language(
        "",
        12,
        _pairs(
            "伟=wei 芳=fang 娜=na 秀英=xiuying 敏=min 静=jing 丽=li 强=qiang 磊=lei 军=jun 洋=yang"
            " 勇=yong 艳=yan 杰=jie 涛=tao 明=ming 超=chao 霞=xia 平=ping 桂英=guiying"
        ),
        _pairs(
            "王=wang 李=li 张=zhang 刘=liu 陈=chen 杨=yang 赵=zhao 黄=huang 周=zhou 吴=wu 徐=xu 孙=sun"
            " 胡=hu 朱=zhu 高=gao 林=lin 何=he 郭=guo 欧阳=ouyang 司马=sima"
        ),
    ),
    Language(
        "",
        9,
        _pairs(
            "आरव=aarav विवान=vivaan आदित्य=aditya साई=sai अर्जुन=arjun अनन्या=ananya दिया=diya"
            " सान्वी=saanvi प्रिया=priya कविता=kavita रोहन=rohan नेहा=neha"
        ),
        _pairs(
            "शर्मा=sharma वर्मा=verma गुप्ता=gupta सिंह=singh कुमार=kumar पटेल=patel रेड्डी=reddy"
            " अय्यर=iyer दास=das जोशी=joshi मेहता=mehta नायर=nair"
        ),
    ),
    Language(
        "",
        8,
        _pairs(
            "محمد=mohammed فاطمة=fatima أحمد=ahmed عائشة=aisha علي=ali مريم=maryam يوسف=yusuf"
            " زينب=zainab عمر=omar ليلى=layla خالد=khalid نور=nour"
        ),
        _pairs(
            "العلي=alali حداد=haddad خوري=khoury منصور=mansour ناصر=nasser صالح=saleh"
            " الحسيني=alhusseini عبد_الله=abdullah بكر=bakr شاهين=shahin درويش=darwish قاسم=qasim"
        ),
    ),
    Language(
        "",
        7,
        _pairs(
            "Анна=anna Иван=ivan Мария=mariya Дмитрий=dmitriy Ольга=olga Алексей=aleksey Елена=yelena"
            " Сергей=sergey Наталья=natalya Михаил=mikhail Оксана=oksana Тарас=taras"
        ),
        _pairs(
            "Иванов=ivanov Смирнова=smirnova Кузнецов=kuznetsov Попова=popova Соколов=sokolov"
            " Шевченко=shevchenko Коваленко=kovalenko Бондаренко=bondarenko Лебедева=lebedeva"
            " Морозов=morozov Щербак=shcherbak Ёлкина=yolkina"
        ),
    ),
    Language(
        "",
        5,
        _pairs("Minh Linh Anh Huy Trang Quân=quan Thảo=thao Đức=duc Hương=huong Phúc=phuc Ngọc=ngoc Tuấn=tuan"),
        _pairs(
            "Nguyễn=nguyen Trần=tran Lê=le Phạm=pham Hoàng=hoang Huỳnh=huynh Võ=vo Đặng=dang Bùi=bui"
            " Đỗ=do Hồ=ho Ngô=ngo"
        ),
    ),
    Language(
        "",
        5,
        _pairs(
            "Mehmet Ayşe=ayse Emre Zeynep Çağla=cagla Oğuz=oguz İpek=ipek Gül=gul Şule=sule Ömer=omer Işıl=isil Deniz"
        ),
        _pairs(
            "Yılmaz=yilmaz Kaya Demir Şahin=sahin Çelik=celik Yıldız=yildiz Öztürk=ozturk Aydın=aydin"
            " Arslan Koç=koc Kılıç=kilic Güneş=gunes"
        ),
    ),
    Language(
        "",
        4,
        _pairs(
            "Jürgen=juergen Anke Björn=bjoern Käthe=kaethe Sören=soeren Øystein=oystein Åse=aase"
            " Zoë=zoe Léa=lea François=francois Łukasz=lukasz Małgorzata=malgorzata"
        ),
        _pairs(
            "Müller=mueller Weiß=weiss Schröder=schroeder Åkesson=aakesson Dvořák=dvorak"
            " Lefèvre=lefevre Kowalczyk Wójcik=wojcik van_den_Berg=vandenberg Groß=gross"
            " Ødegård=odegaard Horváth=horvath"
        ),
    ),
    Language(
        "",
        4,
        _pairs(
            "陽菜=hina 蓮=ren さくら=sakura 大翔=hiroto 結衣=yui 健太=kenta 민준=minjun 서연=seoyeon"
            " 지우=jiwoo 하은=haeun 도윤=doyun 수아=sua"
        ),
        _pairs(
            "佐藤=sato 鈴木=suzuki 高橋=takahashi 田中=tanaka 伊藤=ito 渡辺=watanabe 김=kim 이=lee"
            " 박=park 최=choi 정=jung 강=kang"
        ),
    ),
]
