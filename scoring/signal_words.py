"""Words and phrases that make a post urgent, per language, written for this project. Few, certain, frequent.

Each line is `signal: entry, entry, ...`. Entries are lower case without accents. `word` matches that word, `stem*`
every word that starts so, `several words` that phrase. In a phrase the longest word is looked up first, so it must be
whole unless it is the last one and ends in `*`.
"""

ENGLISH = """
safety: unsafe, injur*, ambulance, hospital*, burned, burnt, on fire, caught fire, smoke, smoking
safety: electric shock, allergic, emergency, dangerous, choking, gas leak, explod*, bleeding, fainted
safety: passed out, insulin, wheelchair, medication
stranded: stranded, stranding, stuck in, stuck at, stuck on, stuck here, trapped, sleep in the airport
stranded: sleeping on the floor, no hotel, nowhere to go, no way home, get home, getting home, left us
stranded: locked out
lost: lost bag, lost bags, lost my, lost our, lost luggage, lost baggage, lost his, lost her, missing bag
lost: missing luggage, you lost, where is my bag, where's my bag, my luggage, our luggage, my baggage, our bags
lost: my bag, my bags, my suitcase, find my, damaged, destroyed, baggage claim, never arrived, not arrived
lost: hasn't arrived, not been delivered, never delivered, stolen from
cancelled: cancelled, canceled, cancelling, canceling, cancelation, cancellation*
money gone: overcharg*, charged twice, charged me twice, double charged, double charge, charged me, fraud*
money gone: scam*, stole, stolen, took my money, my money back, unauthorised, unauthorized, money is gone
money: refund*, reimburs*, compensat*, billing, voucher*, charge, charges, charged, payment, invoice, fee, fees
legal: lawyer*, attorney*, sue, suing, sued, lawsuit, legal action, small claims, ombudsman, regulator
legal: trading standards, consumer protection, better business, bbb, take you to court, file a complaint
legal: formal complaint
press: journalist, reporter, newspaper, bbc, cnn, going viral, go to the press, tell the press, the media
no answer: on hold, no response, no answer, no reply, not answering, won't answer, nobody answers
no answer: no one answers, no one will, hung up, hang up, hangs up, disconnected, can't get through
no answer: cannot get through, get through, can't reach, no one to, unanswered, not responding, never responded
no answer: haven't heard, no one is, nobody is, been ignored, ignoring, ignored, call back, called back
no answer: callback, phone lines, busy signal, busy, no help, unhelpful, can't get anyone, speak to, talk to
no answer: get someone, reach anyone, waiting for a, customer service, customer support, customerservice
no answer: an agent, a human, a rep, pick up, your phone, on the phone, hold time, hold times, phone number
no answer: automated, call center, rebook*
late: delayed, delay, delays, delaying, late, still waiting, waiting, wait, missed my, missed our, miss my
late: missed connection, missing my, overdue, sitting on, on the tarmac, tarmac
staff: rude, rudest, rudely, attitude, incompetent, unprofessional, disrespect*, yelled, lied, lying, lies
staff: useless, clueless, screwed, messed up
broken: outage, not working, doesn't work, isn't working, won't work, broken, broke, error, errors, crash*
broken: glitch*, is down, can't log, can't login, cannot log, can't access, can't book, won't let me, won't load
broken: failed
leaving: never again, never flying, never fly, never using, never buy, never book, last time, switching to
leaving: switch to, cancel my, closing my account, close my account, lost a customer, lost my business
leaving: won't be back, take my business, my business elsewhere, unsubscrib*, boycott*, goodbye
repeated: third time, second time, 2nd time, 3rd time, 4th time, every time, once again, again and again
repeated: yet again, another, twice, multiple times, several times, how many times, still no, still not
repeated: still haven't, still waiting, keeps, keep getting
harsh: worst, horrible, terrible, unacceptable, ridiculous, disgusting, disgrace*, awful, pathetic, joke
harsh: appalling, nightmare, fail, failing, disappoint*, frustrat*, furious, outrageous, poor, horrendous
harsh: disaster, fuck*, shit*, wtf, sucks, suck, hate
help: help, asap, urgent*, please help, need assistance, someone help, desperate*, immediately
thanks: thank, thanks, thx, thankyou, appreciate*, awesome, amazing, love, kudos, excellent, great job
thanks: shout out, shoutout, well done, best airline, perfect
"""

CROATIAN = """
safety: ozlijed*, ozljed*, povrijed*, bolnic*, hitna pomoc, opasno, opasan, pozar, zapalio se, strujni udar
safety: nesigurn*
stranded: zaglavi*, zapeo, zapeli, nemam kako, ne mogu kuci, spavali na podu
lost: izgubljen*, izgubili, ostecen*, nije stigao, nije stigla, nije stiglo, nisu dostavili, nestao, nestala
cancelled: otkazan*, otkazali
money gone: dvaput naplat*, naplatili dva puta, dvostruko, prevar*, ukrali, ukraden*, skinuli s racuna
money gone: nestao novac
money: povrat, refundaci*, racun, racuni, naplat*, vratite novac, moj novac
legal: odvjetni*, advokat*, tuzit*, tuzb*, na sudu, inspekcij*, potrosac*, prijavit*
press: novinar*, u novine, medij*
no answer: nitko se ne javlja, niko se ne javlja, ne javljate, nema odgovora, bez odgovora, ne odgovara*
no answer: na cekanju, prekinuli
late: kasni, kasne, kasnjenj*, kasnio, jos cekam, jos uvijek cekam, jos uvek cekam, cekamo, cekam
broken: ne radi, ne rade, nema struje, nema interneta, pukao, kvar, greska, rusi se, ne mogu se prijaviti
leaving: nikad vise, nikada vise, prelazim, raskid*, mijenjam operatera
repeated: treci put, drugi put, opet, ponovno, svaki put, po tko zna koji
harsh: sramot*, katastrof*, uzas*, najgor*, bezobraz*, ocajn*, ljut*
help: pomoc, pomozite, hitno
thanks: hvala, svaka cast, odlicn*, super, bravo
"""

HUNGARIAN = """
safety: megserul*, serules*, korhaz*, mento, mentot, veszelyes, tuz, kigyullad*, aramutes, eletveszely*
stranded: itt ragadt*, ott ragadt*, bennragad*, nem jutunk haza, nem tudok hazajutni, rekedt*
lost: elveszett, elvesztettek, elveszitettek, nem erkezett meg, nem jott meg, serult, tonkre*, eltunt
cancelled: torolt*, toroltek, lemondtak, elmaradt
money gone: ketszer vontak, duplan, dupla, csalas, csalok, elloptak, atveres, levontak, eltunt a penzem
money: visszaterit*, penzem, szamla, szamlat, karterites*, dij
legal: ugyved*, pert, perelni, beperel*, fogyasztovedel*, feljelent*, birosag*
press: ujsagiro*, sajto*, media
no answer: nem valaszol*, nincs valasz, nem veszik fel, senki sem, nem reagal*, letettek, tartasban
late: kesik, kesett, keses, kesesben, meg mindig varok, varok, varunk
broken: nem mukodik, nem megy, leallt, hibas, hiba, elromlott, nincs net, nincs aram, nem tudok belepni
broken: osszeomlik
leaving: soha tobbet, soha tobbe, valtok, felmondom, lemondom
repeated: harmadszor, masodszor, megint, mar megint, minden alkalommal, ujra
harsh: szegyen*, borzalm*, katasztrof*, felhaborit*, legrosszabb, botrany*, pocsek
help: segitseg*, segitsen*, surgos*
thanks: koszon*, koszi, szuper, nagyszeru
"""

INDONESIAN = """
safety: bahaya, berbahaya, terluka, luka, rumah sakit, kebakaran, terbakar, meledak, kesetrum, keracunan
safety: darurat
stranded: terlantar, ditelantarkan, terjebak, tidak bisa pulang, gak bisa pulang
lost: hilang, kehilangan, rusak, pecah, belum sampai, tidak sampai, gak sampai, ga sampai, belum datang
cancelled: dibatalkan, batal, pembatalan, cancel, dicancel
money gone: penipu*, ditipu, nipu, tertipu, dicuri, kepotong, terpotong, saldo hilang, uang hilang, dua kali
money gone: double
money: refund, uang kembali, kembalikan uang, pengembalian dana, tagihan, saldo, ganti rugi
legal: pengacara, tuntut, menuntut, gugat, ylki, polisi, lapor, laporkan, ojk
press: wartawan, viralkan, viral, media
no answer: tidak dibalas, gak dibalas, ga dibalas, tidak ada respon, gak ada respon, tidak direspon
no answer: gak direspon, slow respon, tidak ada jawaban, susah dihubungi, tidak bisa dihubungi, tak jawab
no answer: tiada respon
late: terlambat, telat, lambat, delay, lama banget, masih menunggu, nunggu, menunggu, lama sekali
broken: error, gangguan, tidak bisa, gak bisa, ga bisa, tidak berfungsi, mati, eror, lemot, gagal, tak boleh
leaving: kapok, uninstall, pindah ke, berhenti langganan, jangan beli, tidak akan beli
repeated: lagi lagi, berkali-kali, berulang, kedua kali, ketiga kali, tiap hari, setiap hari
harsh: kecewa, mengecewakan, parah, buruk, jelek, terburuk, zonk, bangsat, anjing, teruk
help: tolong, mohon bantu*, bantu, segera
thanks: terima kasih, makasih, mantap, terimakasih, keren
"""

LATVIAN = """
safety: bistam*, savainot*, slimnic*, ugunsgrek*, deg, sadega, elektriskas stravas, briesm*
stranded: iestredz*, iesprud*, nevaram tikt, nevaru tikt majas
lost: pazaud*, pazuda, pazudis, sabojat*, saplest*, nav atnacis, nav sanemts, nav piegadat*, nesanemu
cancelled: atcelt*, atcela, atcel
money gone: divreiz, dubult*, krap*, nozag*, apkrap*, nonema naudu
money: atmaks*, naudu atpakal, rekin*, kompensacij*, atgriezt naudu
legal: advokat*, juris*, tiesa, tiesaties, ptac, sudziba, sudzibu
press: zurnalist*, prese, medij*
no answer: neatbild*, neviens, nav atbildes, nevar sazvanit, nevaru sazvanit, necel
late: kave, kavejas, kavesan*, vel gaidu, gaidu, gaidam, nokave*
broken: nestrada, nedarbojas, nav interneta, salus*, kluda, uzkaras, nevaru pieslegties
leaving: nekad vairs, vairs nekad, mainu operatoru, lauzu ligumu
repeated: tresso reizi, treso reizi, otro reizi, atkal, katru reizi, jau kuro
harsh: kauns, briesmig*, sausmig*, murgs, katastrof*, nekaunib*, slikt*, pretig*
help: palidz*, ludzu palidz*, steidzam*
thanks: paldies, lieliski, super, malaci
"""

FILIPINO = """
safety: delikado, nasaktan, nasugatan, nasunog, sunog, ospital, mapanganib, nakuryente
stranded: hindi makauwi, di makauwi, naipit
lost: nawala, nawalan, nasira, sira, basag, di dumating, hindi dumating, wala pa rin, kulang, walang dumating
cancelled: kinansela, na cancel, nacancel
money gone: nanloko, niloko, manloloko, naloko, ninakaw, nabawasan, dalawang beses
money: pera ko, ibalik, bayad, singil, load ko
legal: abogado, demanda, idemanda, dti, ireklamo, reklamo
press: viral, media
no answer: walang sumasagot, hindi sumasagot, di sumasagot, walang reply, di nagrereply, hindi nagrereply
no answer: walang sagot, seen lang
late: tagal, ang tagal, naghihintay, matagal, hintay, mabagal, bagal
broken: ayaw gumana, hindi gumagana, di gumagana, walang signal, walang internet, hindi ma open, di mabuksan
broken: putol
leaving: lilipat, hindi na uulit, di na uulit, last na
repeated: paulit-ulit, pangatlong beses, pangalawang beses, lagi na lang, na naman
harsh: nakakainis, bwisit, bulok, pangit, panget, basura, grabe, nakakagalit, putang, tangina, walang kwenta
help: tulong, tulungan, pakiayos, paki, paano
thanks: salamat, maraming salamat, ganda, galing, sulit
"""

LISTS = {
    "en": ENGLISH,
    "hr": CROATIAN,
    "hu": HUNGARIAN,
    "id": INDONESIAN,
    "lv": LATVIAN,
    "tl": FILIPINO,
}
