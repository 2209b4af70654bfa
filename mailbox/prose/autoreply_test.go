package prose

import (
	"os"
	"strings"
	"testing"
	"time"

	"fifthcall/mailbox/message"
)

// The zone of the sender's clock orders numeric dates in English: +0100 unless told.
var autoReplies = []struct{ lang, sent, subject, text, want string }{
	{"en", "2026-03-02", "Automatic reply: Hello", "I am out of the office until Friday 6 March with limited access to email.", "away 2026-03-06 until"},
	{"en", "2026-03-02", "Automatic reply: Hello", "I'm on annual leave from 3rd to 14th March and will reply on my return.", "away 2026-03-14 until"},
	{"en", "2026-03-02", "Automatic reply: Hello", "I will be out of the office from Monday 2 March and will be back on Monday 9 March. For urgent matters call 020 7946 0123.", "away 2026-03-09 back_on"},
	{"en", "2026-03-02", "Automatic reply: Hello", "I won't be back until Tuesday, March 10th.", "away 2026-03-10 back_on"},
	{"en", "2026-03-02", "Automatic reply: Hello", "Away until the end of the month.", "away 2026-03-31 until"},
	{"en", "2026-03-02", "Automatic reply: Hello", "I am on parental leave until the end of September. Sam covers for me.", "away 2026-09-30 until"},
	{"en", "2026-03-02", "Automatic reply: Hello", "I am back in the office tomorrow.", "away 2026-03-03 back_on"},
	{"en", "2026-03-02", "Automatic reply: Hello", "I am out until 05/03/2026.", "away 2026-03-05 until"},
	{"en", "2026-03-02 -0500", "Automatic reply: Hello", "I am out of office until 03/05/2026.", "away 2026-03-05 until"},
	{"en", "2026-03-02 -0500", "Automatic reply: Hello", "I am out of office through 3/20.", "away 2026-03-20 until"},
	{"en", "2026-03-02", "Automatic reply: Hello", "I'm out of the office with no access to email. I will get back to you as soon as I can.", "away"},
	{"en", "2026-03-02", "Automatic reply: Hello", "I am currently travelling. Reach me on +44 20 7946 0958 or see room 12/14.", "away"},
	{"en", "2026-03-02", "Automatic reply: Hello", "I am away. Our office hours are Monday to Friday, 9 to 5.", "away"},
	{"en", "2026-03-02", "Automatic reply: Hello", "I am away at the moment.\n\nOn 1 May 2026 you wrote:\n> back on 5 June 2026", "away"},
	{"en", "2026-03-02", "Automatic reply: Hello", "I have left Acme Ltd. Please contact Jane Miller (jane.miller@acme.example) from now on.", "gone"},
	{"en", "2026-03-02", "Automatic reply: Hello", "Thank you for contacting us. We have received your enquiry and will reply within two working days.", "ack"},
	{"en", "2026-12-21", "Automatic reply: Hello", "Our offices are closed for the holidays and reopen; I return on 4 January.", "away 2027-01-04 back_on"},
	{"en", "2026-03-02", "Out of office: 3-13 March", "I am out of the office 3–13 March.", "away 2026-03-13 until"},
	{"de", "2026-03-02", "Automatische Antwort: Termin", "Ich bin bis einschließlich Freitag, den 13. März 2026 nicht im Büro.", "away 2026-03-13 until"},
	{"de", "2026-03-02", "Automatische Antwort: Termin", "Ab Montag, 16.03. bin ich wieder für Sie da.", "away 2026-03-16 back_on"},
	{"de", "2026-07-20", "Automatische Antwort: Termin", "Ich befinde mich im Urlaub und bin ab dem 10.08. wieder erreichbar. Ihre Mail wird nicht weitergeleitet.", "away 2026-08-10 back_on"},
	{"de", "2026-07-20", "Abwesenheitsnotiz", "Vom 20.7. bis 31.7.2026 habe ich Urlaub.", "away 2026-07-31 until"},
	{"de", "2026-07-20", "Automatische Antwort: Termin", "Ich bin in Elternzeit bis Ende Oktober.", "away 2026-10-31 until"},
	{"de", "2026-07-20", "Automatische Antwort: Termin", "Ich bin ab KW 33 wieder im Büro.", "away 2026-08-10 back_on"},
	{"de", "2026-07-20", "Automatische Antwort: Termin", "Morgen bin ich wieder da.", "away 2026-07-21 back_on"},
	{"de", "2026-07-20", "Automatische Antwort: Termin", "Ich habe das Unternehmen zum 30.06.2026 verlassen. Ihr neuer Ansprechpartner ist Klaus Weber, klaus.weber@muster.example.", "gone"},
	{"fr", "2026-07-20", "Réponse automatique : CV", "Je suis en congés du 20 juillet au 7 août 2026. Je serai de retour le lundi 10 août.", "away 2026-08-10 back_on"},
	{"fr", "2026-07-20", "Réponse automatique : CV", "Je suis en déplacement jusqu’à vendredi.", "away 2026-07-24 until"},
	{"fr", "2026-07-20", "Réponse automatique : CV", "Absent du 20/07 au 31/07 inclus.", "away 2026-07-31 until"},
	{"fr", "2026-07-20", "Réponse automatique : CV", "Je ne fais plus partie de la société Dupont. Merci de contacter contact@dupont.example.", "gone"},
	{"fr", "2026-07-20", "Accusé de réception", "Nous avons bien reçu votre candidature et vous répondrons dans les meilleurs délais.", "ack"},
	{"es", "2026-07-20", "Respuesta automática: CV", "Estaré de vacaciones hasta el 31 de julio. Me reincorporo el lunes 3 de agosto.", "away 2026-08-03 back_on"},
	{"es", "2026-07-20", "Respuesta automática: CV", "Estoy fuera de la oficina del 20 al 31 de julio.", "away 2026-07-31 until"},
	{"es", "2026-07-20", "Respuesta automática: CV", "Ya no trabajo en Acme. Por favor, escriba a rrhh@acme.example.", "gone"},
	{"pt", "2026-07-20", "Resposta automática: CV", "Estou de férias até 31/07/2026.", "away 2026-07-31 until"},
	{"pt", "2026-07-20", "Resposta automática: CV", "Estarei ausente de 20 a 31 de julho, regressando no dia 3 de agosto.", "away 2026-08-03 back_on"},
	{"it", "2026-07-20", "Risposta automatica: CV", "Sono in ferie fino al 7 agosto compreso.", "away 2026-08-07 until"},
	{"it", "2026-07-20", "Risposta automatica: CV", "Sarò assente dal 20 al 31 luglio e rientrerò lunedì 3 agosto.", "away 2026-08-03 back_on"},
	{"it", "2026-07-20", "Risposta automatica: CV", "Non lavoro più per Rossi Srl.", "gone"},
	{"nl", "2026-07-20", "Automatisch antwoord: CV", "Ik ben met vakantie van 20 juli tot en met 7 augustus.", "away 2026-08-07 until"},
	{"nl", "2026-07-20", "Automatisch antwoord: CV", "Ik ben niet meer werkzaam bij Jansen BV. U kunt contact opnemen met Piet de Vries (piet@jansen.example).", "gone"},
	{"sv", "2026-07-06", "Autosvar: CV", "Jag har semester till och med 31 juli och är tillbaka måndag den 3 augusti.", "away 2026-08-03 back_on"},
	{"sv", "2026-07-06", "Autosvar: CV", "Jag är på semester och är åter vecka 32.", "away 2026-08-03 back_on"},
	{"no", "2026-07-06", "Automatisk svar: CV", "Jeg har ferie til og med 24. juli. Tilbake på kontoret 27. juli.", "away 2026-07-27 back_on"},
	{"da", "2026-07-06", "Automatisk svar: CV", "Jeg holder ferie til og med den 24. juli 2026.", "away 2026-07-24 until"},
	{"fi", "2026-07-06", "Automaattinen vastaus: CV", "Olen lomalla 31.7.2026 asti.", "away 2026-07-31 until"},
	{"pl", "2026-07-06", "Automatyczna odpowiedź: CV", "Jestem na urlopie do 17 lipca 2026 r. włącznie.", "away 2026-07-17 until"},
	{"pl", "2026-07-06", "Automatyczna odpowiedź: CV", "Przebywam na urlopie. Wracam do pracy 20 lipca.", "away 2026-07-20 back_on"},
	{"cs", "2026-07-06", "Automatická odpověď: CV", "Jsem na dovolené do 17. července. Zpět v kanceláři budu v pondělí 20. 7.", "away 2026-07-20 back_on"},
	{"sk", "2026-07-06", "Automatická odpoveď: CV", "Som na dovolenke do 17. júla 2026.", "away 2026-07-17 until"},
	{"sl", "2026-07-06", "Samodejni odgovor: CV", "Na dopustu sem do vključno 17. julija.", "away 2026-07-17 until"},
	{"hr", "2026-07-06", "Automatski odgovor: CV", "Na godišnjem sam odmoru do 17. srpnja. Vraćam se 20. srpnja 2026.", "away 2026-07-20 back_on"},
	{"hu", "2026-07-06", "Automatikus válasz: CV", "Szabadságon vagyok július 17-ig. Legközelebb július 20-án vagyok ismét az irodában.", "away 2026-07-20 back_on"},
	{"ro", "2026-07-06", "Răspuns automat: CV", "Sunt în concediu până la 17 iulie și revin luni, 20 iulie.", "away 2026-07-20 back_on"},
	{"bg", "2026-07-06", "Автоматичен отговор: CV", "В отпуск съм до 17 юли включително.", "away 2026-07-17 until"},
	{"ru", "2026-07-06", "Автоматический ответ: CV", "Я в отпуске с 6 по 17 июля. Вернусь 20 июля.", "away 2026-07-20 back_on"},
	{"ru", "2026-07-06", "Автоматический ответ: CV", "Я больше не работаю в компании «Ромашка».", "gone"},
	{"uk", "2026-07-06", "Автоматична відповідь: CV", "Я у відпустці до 17 липня включно.", "away 2026-07-17 until"},
	{"el", "2026-07-06", "Αυτόματη απάντηση: CV", "Απουσιάζω με άδεια μέχρι τις 17 Ιουλίου.", "away 2026-07-17 until"},
	{"tr", "2026-07-06", "Otomatik yanıt: CV", "17.07.2026 tarihine kadar yıllık izindeyim.", "away 2026-07-17 until"},
	{"tr", "2026-07-06", "Otomatik yanıt: CV", "İzindeyim, 20 Temmuz'da ofise döneceğim.", "away 2026-07-20 back_on"},
	{"ja", "2026-08-10", "自動応答: 面接", "8月10日から8月14日まで夏季休暇をいただいております。8月17日より出社いたします。", "away 2026-08-17 back_on"},
	{"ja", "2026-08-10", "自動応答: 面接", "2026/8/14(金)まで不在です。", "away 2026-08-14 until"},
	{"zh", "2026-10-01", "自动答复: 简历", "我于10月1日至10月8日休假，期间无法及时回复邮件。", "away 2026-10-08 until"},
	{"zh", "2026-10-01", "自動回覆: 履歷", "我已離職，請聯絡 hr@firm.example。", "gone"},
	{"ko", "2026-07-13", "자동 회신: 면접", "7월 17일까지 휴가입니다.", "away 2026-07-17 until"},
	{"ar", "2026-09-14", "رد تلقائي: طلب", "أنا في إجازة وسأعود يوم ٢١ سبتمبر ٢٠٢٦.", "away 2026-09-21 back_on"},
	{"he", "2026-09-14", "תשובה אוטומטית: קורות חיים", "אני מחוץ למשרד עד 20.9.2026.", "away 2026-09-20 until"},
	{"lt", "2026-07-06", "Automatinis atsakymas: CV", "Atostogauju iki 2026 m. liepos 17 d.", "away 2026-07-17 until"},
	{"lv", "2026-07-06", "Automātiskā atbilde: CV", "Esmu atvaļinājumā līdz 17. jūlijam.", "away 2026-07-17 until"},
	{"et", "2026-07-06", "Automaatvastus: CV", "Olen puhkusel kuni 17. juulini.", "away 2026-07-17 until"},
	{"th", "2026-07-06", "ตอบกลับอัตโนมัติ: CV", "ลาพักร้อนถึงวันที่ 17 กรกฎาคม 2569", "away 2026-07-17 until"},
	{"vi", "2026-07-06", "Trả lời tự động: CV", "Tôi nghỉ phép đến hết ngày 17/07/2026.", "away 2026-07-17 until"},
	{"id", "2026-07-06", "Balasan otomatis: CV", "Saya sedang cuti sampai dengan 17 Juli 2026.", "away 2026-07-17 until"},
}

func autoReplyMessage(sent, subject string) *message.Message {
	if len(sent) == len("2026-03-02") {
		sent += " +0100"
	}
	t, err := time.Parse("2006-01-02 -0700", sent)
	if err != nil {
		panic(err)
	}
	return message.ReadHeader(message.Header{{Name: "From", Value: "Lea <lea@x.example>"}, {Name: "Subject", Value: subject}, {Name: "Date", Value: t.Add(10 * time.Hour).Format(time.RFC1123Z)}, {Name: "In-Reply-To", Value: "<a@b>"}}, time.Time{}, 0)
}

func TestAutoReplies(t *testing.T) {
	for _, c := range autoReplies {
		m := autoReplyMessage(c.sent, c.subject)
		a := ReadAutoReply(m, c.text)
		got := a.Kind
		if !a.Date.IsZero() {
			got += " " + a.Date.Format(time.DateOnly) + " " + a.Sense
		}
		if got != c.want {
			t.Errorf("%s: %s\n got %s\nwant %s", c.lang, c.text, got, c.want)
		}
		if class, why := ClassifyHeader(m, func(string) bool { return false }); class != message.ClassAutoReply {
			t.Errorf("%s: %q is %s (%v)", c.lang, c.subject, class, why)
		}
	}
}

// TestAutoReplyFile reads testdata/autoreplies.txt: day sent, subject, text and what is to be understood,
// between tabs.
func TestAutoReplyFile(t *testing.T) {
	data, err := os.ReadFile("testdata/autoreplies.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		m := autoReplyMessage(f[0], f[1])
		a := ReadAutoReply(m, strings.ReplaceAll(f[2], `\n`, "\n"))
		got := a.Kind
		if !a.Date.IsZero() {
			got += " " + a.Date.Format(time.DateOnly) + " " + a.Sense
		}
		if got != f[3] {
			t.Errorf("%s: %s\n got %s\nwant %s", f[0], f[2], got, f[3])
		}
	}
}

func TestSuccessor(t *testing.T) {
	for text, want := range map[string]message.Address{
		"I have left Acme. Please contact Jane Miller (jane.miller@acme.example).":                    {Name: "Jane Miller", Addr: "jane.miller@acme.example"},
		"I no longer work here. Write to lea@x.example no more but to hr@x.example.":                  {Name: "", Addr: "hr@x.example"},
		"Ich bin ausgeschieden. Ihre Ansprechpartnerin ist Petra van der Berg, p.berg@muster.example": {Name: "Petra van der Berg", Addr: "p.berg@muster.example"},
	} {
		if got := ReadAutoReply(autoReplyMessage("2026-03-02", "Automatic reply: x"), text); got.Kind != ReplyGone || got.Successor != want {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

func TestBackIsAWorkingDay(t *testing.T) {
	workday := func(d time.Time) bool { return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday }
	day := func(s string) time.Time { d, _ := time.Parse(time.DateOnly, s); return d }
	for _, c := range []struct {
		a    AutoReply
		want string
	}{
		{AutoReply{Date: day("2026-03-06"), Sense: SenseUntil}, "2026-03-09"},
		{AutoReply{Date: day("2026-03-07"), Sense: SenseBackOn}, "2026-03-09"},
		{AutoReply{Date: day("2026-04-20"), Sense: SenseUntil, Morning: true}, "2026-04-20"},
	} {
		if got := c.a.Back(workday).Format(time.DateOnly); got != c.want {
			t.Errorf("%+v: %s, want %s", c.a, got, c.want)
		}
	}
}
