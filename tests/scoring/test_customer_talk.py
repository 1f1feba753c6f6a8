"""What customers write in languages without a labelled set: feeling, severity and concepts. The sentences are ours."""

import pytest

from scoring.folding import fold
from scoring.scorer import score_text
from scoring.signals import find
from scoring.words import table_for
from tests.scoring.feeling import feel
from tests.scoring.told import MORE, Told

GERMAN: list[Told] = [
    ("Warte immer noch auf mein Paket, seit drei Wochen nichts gehört.", "negative", 2, {"late", "delivery"}),
    ("Das Packerl ist noch immer nicht da.", "negative", 3, {"not arrived"}),
    ("Ihr habt mir den Betrag doppelt abgebucht!", "negative", 3, {"double charge"}),
    ("Wo bleibt meine Rückerstattung? Niemand antwortet.", "negative", 3, {"refund", "no answer"}),
    ("Die App stürzt nach dem Update ständig ab.", "negative", 2, {"app", "crash", "update"}),
    ("Ich kann mich seit heute früh nicht mehr einloggen.", "negative", 2, {"cannot sign in"}),
    ("Hänge seit zwei Stunden in der Warteschleife, niemand hebt ab.", "negative", 3, {"on hold", "no answer"}),
    ("Stromausfall in ganz Graz und auch kein Internet.", "negative", 2, {"no power", "no internet"}),
    ("Zug fällt aus, wir sitzen in Zürich fest.", "negative", 3, {"cancelled", "stranded"}),
    ("Der Akku ist explodiert, meine Tochter ist verletzt.", "negative", 3, {"fire", "injury"}),
    ("Danke für nichts!", "negative", 1, {"irony"}),
    ("Zum dritten Mal falsch geliefert, ich kündige.", "negative", 2, {"repeated", "leaving"}),
    ("Die Kassierin war sehr nett, großes Lob!", "positive", 0, {"staff", "thanks"}),
    ("Die Lieferung kam pünktlich und ohne Probleme.", "positive", 0, {"delivery"}),
    ("Könnt ihr mir bitte sagen, wann die Filiale in Wien öffnet?", "unsure", 0, {"asks"}),
]
SPANISH: list[Told] = [
    ("Llevo tres semanas esperando mi pedido y nadie me contesta.", "negative", 3, {"late", "delivery", "no answer"}),
    ("Mi encomienda no llegó y ya van diez días.", "negative", 3, {"not arrived"}),
    ("Me cobraron dos veces la misma factura.", "negative", 3, {"double charge", "bill"}),
    ("¿Cuándo me devuelven el dinero? Es un robo.", "negative", 3, {"refund", "fraud"}),
    ("La app se cierra sola desde la última actualización.", "negative", 2, {"app", "crash", "update"}),
    ("No puedo iniciar sesión desde ayer.", "negative", 2, {"cannot sign in"}),
    ("Se fue la luz en todo el barrio y estamos sin internet.", "negative", 2, {"no power", "no internet"}),
    ("Cancelaron el vuelo y estamos varados en Bogotá.", "negative", 3, {"cancelled", "stranded"}),
    ("Perdieron mi maleta y nadie da la cara.", "negative", 3, {"luggage", "no answer"}),
    ("Gracias por nada.", "negative", 1, {"irony"}),
    ("Es la tercera vez que mandan el producto equivocado.", "negative", 2, {"repeated", "wrong item"}),
    ("Subieron la tarifa otra vez, me cambio de compañía.", "negative", 2, {"price", "leaving"}),
    ("La cajera fue muy amable, excelente servicio.", "positive", 0, {"staff", "thanks"}),
    ("Todo llegó a tiempo y sin problemas.", "positive", 0, set()),
    ("¿A qué hora abre la tienda de Lima, por favor?", "unsure", 0, {"asks"}),
]
FRENCH: list[Told] = [
    ("J'attends mon colis depuis trois semaines et personne ne répond.", "negative", 3, {"late", "no answer"}),
    ("Mon colis n'est jamais arrivé.", "negative", 2, {"not arrived", "delivery"}),
    ("Vous m'avez prélevé deux fois le même abonnement !", "negative", 3, {"double charge", "bill"}),
    ("Toujours pas de remboursement, ça fait deux mois.", "negative", 2, {"refund", "repeated"}),
    ("L’appli plante depuis la dernière mise à jour.", "negative", 2, {"app", "crash", "update"}),
    ("Je n'arrive pas à me connecter à mon compte.", "negative", 2, {"cannot sign in"}),
    ("Panne de courant à Namur et plus d'internet depuis ce matin.", "negative", 2, {"no power", "no internet"}),
    ("Vol annulé et nous sommes coincés à Montréal.", "negative", 3, {"cancelled", "stranded"}),
    ("Ma valise est perdue et aucune nouvelle.", "negative", 3, {"luggage", "no answer"}),
    ("Merci pour rien.", "negative", 1, {"irony"}),
    ("C'est la troisième fois que je reçois le mauvais article.", "negative", 2, {"repeated", "wrong item"}),
    ("Hausse des tarifs sans prévenir, je résilie, c'est honteux.", "negative", 2, {"price", "leaving", "harsh"}),
    ("La vendeuse était adorable, je recommande !", "positive", 0, {"staff"}),
    ("Livraison à l'heure, aucun problème, parfait.", "positive", 0, {"delivery"}),
    ("Est-ce que l'agence de Genève est ouverte lundi ?", "unsure", 0, {"asks"}),
]
ITALIAN: list[Told] = [
    ("Aspetto il pacco da tre settimane e nessuno risponde.", "negative", 3, {"late", "delivery", "no answer"}),
    ("Il mio ordine non è mai arrivato.", "negative", 2, {"not arrived"}),
    ("Mi avete addebitato due volte lo stesso abbonamento!", "negative", 3, {"double charge", "bill"}),
    ("Due mesi per un rimborso, vergogna.", "negative", 2, {"refund", "harsh"}),
    ("L'app si chiude da sola dopo l'ultimo aggiornamento.", "negative", 2, {"app", "crash", "update"}),
    ("Non riesco ad accedere al mio conto da ieri.", "negative", 2, {"cannot sign in"}),
    ("Siamo senza luce e senza internet da stamattina.", "negative", 2, {"no power", "no internet"}),
    ("Volo cancellato e siamo bloccati in aeroporto.", "negative", 3, {"cancelled", "stranded"}),
    ("Hanno perso la mia valigia e nessuno sa niente.", "negative", 3, {"luggage", "no answer"}),
    ("Grazie per niente.", "negative", 1, {"irony"}),
    ("È la terza volta che mandano l'articolo sbagliato.", "negative", 2, {"repeated", "wrong item"}),
    ("Bolletta con l'aumento della tariffa, disdico.", "negative", 2, {"bill", "price", "leaving"}),
    ("La cassiera è stata gentilissima, consiglio a tutti!", "positive", 0, {"staff", "thanks"}),
    ("Consegna puntuale e senza problemi, perfetto.", "positive", 0, {"delivery"}),
    ("Potete dirmi a che ora apre il negozio di Lecce, per favore?", "unsure", 0, {"asks"}),
]
PORTUGUESE: list[Told] = [
    ("Estou há três semanas esperando minha encomenda e ninguém responde.", "negative", 3, {"late", "no answer"}),
    ("Meu pedido nunca chegou.", "negative", 2, {"not arrived", "delivery"}),
    ("Cobraram duas vezes a mesma fatura!", "negative", 3, {"double charge", "bill"}),
    ("Cadê o reembolso? Já faz dois meses, que vergonha.", "negative", 2, {"refund", "harsh"}),
    ("O aplicativo fecha sozinho depois da última atualização.", "negative", 2, {"app", "crash", "update"}),
    ("Não consigo aceder à minha conta desde ontem.", "negative", 2, {"cannot sign in"}),
    ("Faltou luz no bairro inteiro e estamos sem internet.", "negative", 2, {"no power", "no internet"}),
    ("Cancelaram o voo e estamos presos no aeroporto.", "negative", 3, {"cancelled", "stranded"}),
    ("Perderam minha mala e ninguém sabe de nada.", "negative", 3, {"luggage", "no answer"}),
    ("Obrigado por nada.", "negative", 1, {"irony"}),
    ("É a terceira vez que mandam o produto errado.", "negative", 2, {"repeated", "wrong item"}),
    ("Aumento de preço sem avisar, vou mudar de operadora.", "negative", 2, {"price", "leaving"}),
    ("A funcionária foi muito gentil, obrigada!", "positive", 0, {"staff", "thanks"}),
    ("Entrega no prazo e sem problemas, perfeito.", "positive", 0, {"delivery"}),
    ("Podem dizer-me a que horas abre a loja de Faro, por favor?", "unsure", 0, {"asks"}),
]
TOLD = {"de": GERMAN, "es": SPANISH, "fr": FRENCH, "it": ITALIAN, "pt": PORTUGUESE, **MORE}


@pytest.mark.parametrize(("lang", "told"), [(lang, told) for lang, rows in TOLD.items() for told in rows])
def test_feeling_severity_and_concepts(lang: str, told: Told) -> None:
    text, label, severity, concepts = told
    score = score_text(text, lang)
    assert (score.label, score.severity) == (label, severity)
    assert concepts <= set(score.concepts)


@pytest.mark.parametrize("lang", TOLD)
def test_an_untagged_post_is_scored_by_the_words_of_its_own_language(lang: str) -> None:
    texts = [text for text, *_ in TOLD[lang]]
    assert sum(score_text(text).lang == lang for text in texts) >= len(texts) - 1
    assert score_text(texts[0], f"{lang}-XX").label == "negative"


@pytest.mark.parametrize(
    ("lang", "polite", "time"),
    [
        ("de", "Hilfe bitte, danke im Voraus", "seit 3 Stunden"),
        ("es", "Ayuda por favor, gracias de antemano", "hace 3 horas"),
        ("fr", "Besoin d'aide s'il vous plaît, merci d'avance", "depuis 3 heures"),
        ("it", "Aiuto per favore, grazie in anticipo", "da 3 ore"),
        ("pt", "Ajuda por favor, desde já obrigado", "há 3 horas"),
        ("nl", "Graag hulp, alvast bedankt", "al 3 uur"),
        ("pl", "Dzień dobry, proszę o pomoc, z góry dziękuję", "od 3 godzin"),
        ("sv", "Hjälp tack, tack på förhand", "i 3 timmar"),
        ("th", "ช่วยด้วย ขอบคุณล่วงหน้า", "3 ชั่วโมง"),
        ("tr", "İyi günler, yardım lütfen, şimdiden teşekkürler", "3 saattir"),
        ("vi", "Giúp mình với, cảm ơn trước", "3 tiếng"),
        ("ko", "확인 부탁드립니다, 미리 감사합니다", "3시간째"),
    ],
)
def test_manners_are_no_praise_and_times_are_read(lang: str, polite: str, time: str) -> None:
    assert score_text(polite, lang).label != "positive"
    assert find(table_for(lang).read(fold(time))).minutes == 180


def test_saying_not_twice_does_not_unsay_it() -> None:
    assert feel("non è mai arrivato", "it").total <= feel("mai arrivato", "it").total < 0
    assert feel("a mí no me funciona nada", "es").total < 0


def test_a_word_is_known_behind_its_elided_article() -> None:
    assert feel("l’horreur", "fr").total == feel("horreur", "fr").total < 0
    assert "late" in find(table_for("fr").read(fold("trop d’attente !"))).concepts
    assert "outage" in find(table_for("fr").read(fold("l'appli est inaccessible"))).concepts


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("de", "Was schreibt man ins Feld? Ich bin mit euch nach Bern gefahren."),
        ("de", "Guten Tag, fährt die 2. Klasse heute auch?"),
        ("es", "Buenas tardes, ¿cuáles son los precios y hay seguro?"),
        ("fr", "Pourriez-vous regarder le panneau dans un périmètre de 2 km ?"),
        ("it", "Caro team, buona giornata, come si usa il modem in comodato?"),
        ("pt", "Boa tarde, comprei na loja de Porto Alegre dias atrás."),
        ("nl", "Goedemorgen, staat de brandtrap naast het kleedhokje?"),
        ("pl", "Dzień dobry, jechałem z Radomia milę za miasto."),
        ("sv", "God morgon, anges lokalen på listan vid Hotellgatan?"),
        ("th", "สวัสดีค่ะ บ้านอยู่ติดกับร้านตัดเสื้อ"),
        ("tr", "İyi günler, Hatay şubesinin telefonunu açıklar mısınız?"),
        ("vi", "Chi nhánh nằm ở đường Giải Phóng, bên cạnh chợ."),
        ("ko", "안녕하세요, 수원 지점은 못골시장 옆 굿모닝빌딩인가요?"),
    ],
)
def test_words_that_only_begin_like_words_of_feeling_carry_none(lang: str, text: str) -> None:
    score = score_text(text, lang)
    assert score.label in {"unsure", "neutral"}
    assert score.severity == 0


def test_a_problem_has_the_same_concepts_in_every_language() -> None:
    told = {
        "en": "charged twice for my order, no refund, nobody answers",
        "de": "doppelt abgebucht, keine Rückerstattung, niemand antwortet",
        "es": "me cobraron dos veces, sin reembolso, nadie contesta",
        "fr": "prélevé deux fois, pas de remboursement, personne ne répond",
        "it": "addebitato due volte, nessun rimborso, nessuno risponde",
        "pt": "cobraram duas vezes, sem reembolso, ninguém responde",
        "nl": "twee keer afgeschreven, geen terugbetaling, niemand reageert",
        "pl": "pobrano dwa razy, brak zwrotu, nikt nie odpowiada",
        "sv": "dragit pengar två gånger, ingen återbetalning, ingen svarar",
        "th": "ตัดเงินสองรอบ ไม่คืนเงิน ไม่มีใครตอบ",
        "tr": "iki kez çekildi, iade yok, kimse cevap vermiyor",
        "vi": "trừ tiền hai lần, chưa hoàn tiền, không ai trả lời",
        "ko": "두 번 결제됐는데 환불도 안 되고 답변이 없어요",
    }
    for lang, text in told.items():
        assert {"double charge", "refund", "no answer"} <= set(score_text(text, lang).concepts), lang


@pytest.mark.parametrize(
    ("lang", "sincere", "ironic"),
    [
        ("nl", "Bravo, mooi werk van de monteur!", "Bravo, alweer twee uur vertraging!"),
        ("pl", "Brawo za miłą obsługę!", "Brawo za kolejne opóźnienie!"),
        ("sv", "Bravo, underbar personal!", "Bravo, tåget är försenat igen!"),
        ("th", "ดีออก พนักงานน่ารัก", "ดีออก รอสายเป็นชั่วโมง"),
        ("tr", "Bravo size, harika hizmet!", "Bravo size, kargo yine gecikti!"),
        ("vi", "Phục vụ tốt quá cơ, cảm ơn!", "Phục vụ tốt quá cơ, bị hủy chuyến nữa rồi!"),
        ("ko", "대단하네요, 직원이 정말 친절해요!", "대단하네요, 배송이 또다시 지연됐어요!"),
    ],
)
def test_praise_beside_a_trouble_is_irony(lang: str, sincere: str, ironic: str) -> None:
    assert score_text(sincere, lang).label == "positive"
    assert score_text(ironic, lang).label == "negative"
