"""What customers write in seven more languages, for `test_customer_talk`. The sentences are ours."""

Told = tuple[str, str, int, set[str]]
"""A sentence, its label, its severity, concepts that must be found."""

DUTCH: list[Told] = [
    ("Wacht nu al drie weken op mijn pakket, niks gehoord.", "negative", 3, {"late", "delivery"}),
    ("Mijn bestelling is nooit aangekomen.", "negative", 2, {"not arrived"}),
    ("Jullie hebben het bedrag twee keer afgeschreven!", "negative", 3, {"double charge"}),
    ("Waar blijft mijn terugbetaling? Niemand reageert.", "negative", 3, {"refund", "no answer"}),
    ("De app crasht sinds de laatste update.", "negative", 2, {"app", "crash", "update"}),
    ("Ik kan sinds gisteren niet meer inloggen.", "negative", 2, {"cannot sign in"}),
    ("Al een uur in de wacht en niemand neemt op.", "negative", 2, {"on hold", "no answer"}),
    ("Stroomstoring in heel Zwolle en ook geen internet.", "negative", 2, {"no power", "no internet"}),
    ("Trein rijdt niet, we zitten vast in Gent.", "negative", 3, {"cancelled", "stranded"}),
    ("De accu is ontploft, mijn dochter is gewond.", "negative", 3, {"fire", "injury"}),
    ("Bedankt voor niks!", "negative", 1, {"irony"}),
    ("Voor de derde keer verkeerd geleverd, ik zeg op.", "negative", 2, {"repeated", "leaving"}),
    ("De kassière was heel aardig, een pluim!", "positive", 0, {"staff", "thanks"}),
    ("Levering was op tijd en zonder problemen.", "positive", 0, {"delivery"}),
    ("Kunt u mij zeggen hoe laat de winkel in Breda opengaat?", "unsure", 0, {"asks"}),
]

POLISH: list[Told] = [
    ("Czekam na paczkę już trzy tygodnie, zero informacji.", "negative", 2, {"late", "delivery"}),
    ("Moje zamówienie nigdy nie dotarło.", "negative", 2, {"not arrived"}),
    ("Pobraliście opłatę dwa razy za ten sam abonament!", "negative", 3, {"double charge", "bill"}),
    ("Kiedy zwrot pieniędzy? Nikt nie odpisuje.", "negative", 3, {"refund", "no answer"}),
    ("Aplikacja zawiesza się po ostatniej aktualizacji.", "negative", 2, {"app", "crash", "update"}),
    ("Od wczoraj nie mogę się zalogować.", "negative", 2, {"cannot sign in"}),
    ("Wiszę na infolinii godzinę, nikt nie odbiera.", "negative", 2, {"on hold", "no answer"}),
    ("Nie ma prądu w całym Toruniu i brak internetu.", "negative", 2, {"no power", "no internet"}),
    ("Lot odwołany, utknęliśmy na lotnisku.", "negative", 3, {"cancelled", "stranded"}),
    ("Bateria wybuchła, córka ma poparzone ręce.", "negative", 3, {"fire", "injury"}),
    ("Dzięki za nic!", "negative", 1, {"irony"}),
    ("Trzeci raz zły rozmiar, rezygnuję.", "negative", 2, {"repeated", "wrong item", "leaving"}),
    ("Pani kasjerka była bardzo miła, polecam!", "positive", 0, {"staff", "thanks"}),
    ("Dostawa na czas i bez problemów.", "positive", 0, {"delivery"}),
    ("Czy możecie mi powiedzieć, o której otwieracie w Gdyni?", "unsure", 0, {"asks"}),
]

SWEDISH: list[Told] = [
    ("Har väntat i tre veckor på mitt paket, inte hört något.", "negative", 3, {"late", "delivery"}),
    ("Min beställning kom aldrig fram.", "negative", 2, {"not arrived"}),
    ("Ni har dragit pengar två gånger för samma faktura!", "negative", 3, {"double charge", "bill"}),
    ("Var är min återbetalning? Ingen svarar.", "negative", 3, {"refund", "no answer"}),
    ("Appen kraschar sedan senaste uppdateringen.", "negative", 2, {"app", "crash", "update"}),
    ("Kan inte logga in sedan igår.", "negative", 2, {"cannot sign in"}),
    ("Suttit i telefonkö en timme, ingen svarar.", "negative", 2, {"on hold", "no answer"}),
    ("Strömavbrott i hela Lund och inget internet.", "negative", 2, {"no power", "no internet"}),
    ("Tåget är inställt och vi sitter fast i Boden.", "negative", 3, {"cancelled", "stranded"}),
    ("Laddaren började brinna, min dotter är på sjukhus.", "negative", 3, {"fire", "injury"}),
    ("Tack för ingenting!", "negative", 1, {"irony"}),
    ("Tredje gången fel storlek, jag byter bank.", "negative", 2, {"repeated", "wrong item", "leaving"}),
    ("Kassörskan var jättetrevlig, stort tack!", "positive", 0, {"staff", "thanks"}),
    ("Leveransen kom i tid och utan problem.", "positive", 0, {"delivery"}),
    ("Kan ni säga när butiken i Umeå öppnar?", "unsure", 0, {"asks"}),
]

THAI: list[Told] = [
    ("รอของมาสามอาทิตย์แล้ว พัสดุยังไม่ถึง", "negative", 2, {"not arrived", "delivery"}),
    ("สั่งไปนานมาก ไม่ได้รับของ", "negative", 2, {"late", "not arrived"}),
    ("โดนหักเงินซ้ำสองรอบ ค่าบริการเดือนเดียว", "negative", 3, {"double charge", "bill"}),
    ("เมื่อไหร่จะคืนเงิน ไม่มีใครตอบเลย", "negative", 3, {"refund", "no answer"}),
    ("แอปเด้งตลอดหลังอัปเดต", "negative", 2, {"crash", "update"}),
    ("เข้าระบบไม่ได้ตั้งแต่เมื่อวาน", "negative", 2, {"cannot sign in"}),
    ("รอสายเป็นชั่วโมง ไม่มีคนรับสาย", "negative", 2, {"on hold", "no answer"}),
    ("ไฟดับทั้งซอย เน็ตใช้ไม่ได้", "negative", 2, {"no power", "no internet"}),
    ("เที่ยวบินถูกยกเลิก ตกค้างที่สนามบิน", "negative", 3, {"cancelled", "stranded"}),
    ("แบตระเบิด ลูกสาวบาดเจ็บ", "negative", 3, {"fire", "injury"}),
    ("ขอบคุณที่ทำให้เสียเวลา", "negative", 1, {"irony"}),
    ("ครั้งที่สามแล้วที่ส่งผิดสี เลิกใช้", "negative", 2, {"repeated", "wrong item", "leaving"}),
    ("พนักงานน่ารักมาก ประทับใจ", "positive", 0, {"staff", "thanks"}),
    ("จัดส่งเร็ว ไม่มีปัญหา", "positive", 0, {"delivery"}),
    ("สาขาเชียงใหม่เปิดกี่โมงคะ?", "unsure", 0, {"asks"}),
]

TURKISH: list[Told] = [
    ("Üç haftadır kargom gelmedi, hâlâ bekliyorum.", "negative", 2, {"delivery", "not arrived", "late"}),
    ("Siparişim hiç ulaşmadı.", "negative", 2, {"delivery", "not arrived"}),
    ("Aynı fatura için kartımdan iki kez para çekildi!", "negative", 3, {"bill", "double charge"}),
    ("Para iadesi ne zaman? Kimse cevap vermiyor.", "negative", 3, {"refund", "no answer"}),
    ("Uygulama son güncellemeden sonra çöküyor.", "negative", 2, {"crash", "app", "update"}),
    ("Dünden beri giriş yapamıyorum.", "negative", 2, {"cannot sign in"}),
    ("Bir saattir hatta bekliyorum, kimse açmıyor.", "negative", 2, {"on hold", "no answer"}),
    ("Bütün mahallede elektrik yok, internet de yok.", "negative", 2, {"no power", "no internet"}),
    ("Uçuşumuz iptal edildi, havaalanında kaldık.", "negative", 3, {"cancelled", "stranded"}),
    ("Batarya patladı, kızım yaralandı.", "negative", 3, {"fire", "injury"}),
    ("Hiçbir şey için teşekkürler!", "negative", 1, {"irony"}),
    ("Üçüncü kez yanlış ürün geldi, bir daha asla.", "negative", 2, {"repeated", "wrong item", "leaving"}),
    ("Kasiyer çok kibardı, teşekkürler!", "positive", 0, {"staff", "thanks"}),
    ("Teslimat zamanında ve sorunsuz.", "positive", 0, {"delivery"}),
    ("İzmir şubesi saat kaçta açılıyor?", "unsure", 0, {"asks"}),
]

VIETNAMESE: list[Told] = [
    ("Chờ ba tuần rồi mà đơn hàng vẫn chưa giao, quá chậm.", "negative", 3, {"delivery", "not arrived", "late"}),
    ("Tôi không nhận được hàng.", "negative", 2, {"not arrived"}),
    ("Thẻ của tôi bị trừ tiền hai lần cho một hóa đơn!", "negative", 3, {"double charge", "bill"}),
    ("Bao giờ mới hoàn tiền? Không ai trả lời.", "negative", 3, {"refund", "no answer"}),
    ("Ứng dụng bị treo sau khi cập nhật.", "negative", 2, {"app", "crash", "update"}),
    ("Không đăng nhập được từ hôm qua.", "negative", 2, {"cannot sign in"}),
    ("Chờ tổng đài cả tiếng, không ai nghe máy.", "negative", 2, {"on hold", "no answer"}),
    ("Mất điện cả khu phố, mất mạng luôn.", "negative", 2, {"no power", "no internet"}),
    ("Bị hủy chuyến bay, chúng tôi mắc kẹt ở sân bay.", "negative", 3, {"cancelled", "stranded"}),
    ("Pin nổ, con gái tôi nhập viện.", "negative", 3, {"fire", "injury"}),
    ("Cảm ơn vì chẳng gì cả!", "negative", 1, {"irony"}),
    ("Lần thứ ba giao sai hàng, không mua nữa.", "negative", 2, {"repeated", "wrong item", "leaving"}),
    ("Chị thu ngân rất thân thiện, cảm ơn!", "positive", 0, {"staff", "thanks"}),
    ("Giao hàng đúng hẹn, không có vấn đề gì.", "positive", 0, {"delivery"}),
    ("Cho hỏi chi nhánh Huế mở cửa lúc mấy giờ?", "neutral", 0, {"asks"}),
]

KOREAN: list[Told] = [
    ("택배를 3주째 기다리고 있는데 소식이 없네요.", "negative", 2, {"late", "delivery"}),
    ("주문한 상품을 아직 못 받았어요.", "negative", 2, {"not arrived"}),
    ("같은 요금이 두 번 결제됐어요!", "negative", 3, {"double charge", "bill"}),
    ("환불은 언제 되나요? 아무도 답이 없어요.", "negative", 3, {"refund", "no answer"}),
    ("업데이트 후에 앱이 계속 튕겨요.", "negative", 2, {"app", "crash", "update"}),
    ("어제부터 로그인이 안 됩니다.", "negative", 2, {"cannot sign in"}),
    ("통화 대기만 한 시간, 전화를 안 받네요.", "negative", 2, {"on hold", "no answer"}),
    ("동네 전체가 정전이고 인터넷도 안 돼요.", "negative", 2, {"no power", "no internet"}),
    ("항공편이 취소돼서 공항에 발이 묶였어요.", "negative", 3, {"cancelled", "stranded"}),
    ("배터리가 폭발해서 딸이 다쳤습니다.", "negative", 3, {"fire", "injury"}),
    ("아무것도 안 해 줘서 고맙네요!", "negative", 1, {"irony"}),
    ("세 번째로 엉뚱한 색이 왔네요, 탈퇴합니다.", "negative", 2, {"repeated", "wrong item", "leaving"}),
    ("계산원이 정말 친절했어요, 감사합니다!", "positive", 0, {"staff", "thanks"}),
    ("배송이 빠르고 문제없이 도착했습니다.", "positive", 0, {"delivery"}),
    ("수원 지점은 몇 시에 열어요?", "unsure", 0, {"asks"}),
]
MORE = {"nl": DUTCH, "pl": POLISH, "sv": SWEDISH, "th": THAI, "tr": TURKISH, "vi": VIETNAMESE, "ko": KOREAN}
