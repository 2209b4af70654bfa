package daemon

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/mailtest"
	"fifthcall/mailbox/message"
)

// at sets the clock to a wall-clock time of the desk's zone.
func (w *world) at(day, clock string) {
	w.t.Helper()
	t, err := time.ParseInLocation("2006-01-02 15:04", day+" "+clock, w.r.Current().Zone)
	if err != nil {
		w.t.Fatal(err)
	}
	w.now = t
}

// restart stops the daemon and starts it again at the given time.
func (w *world) restart(day, clock string, change ...func(*config.Config)) {
	w.t.Helper()
	cfg := *w.cfg
	if err := w.Close(); err != nil {
		w.t.Fatal(err)
	}
	for _, f := range change {
		f(&cfg)
	}
	zone, err := time.LoadLocation(cfg.Desks[0].Timezone)
	if err != nil {
		w.t.Fatal(err)
	}
	if w.now, err = time.ParseInLocation("2006-01-02 15:04", day+" "+clock, zone); err != nil {
		w.t.Fatal(err)
	}
	w.open(&cfg)
}

// inbox are the mails of Fifthcall's in INBOX.
func (w *world) inbox() (out []*message.Message) {
	w.t.Helper()
	raws, err := w.srv.Messages("sam", "INBOX")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, raw := range raws {
		p := message.ParsePart(raw)
		m := message.ReadHeader(p.Header, time.Time{}, 0)
		m.Body = p
		if m.Header.Has(message.OwnHeader) {
			out = append(out, m)
		}
	}
	return out
}

func text(m *message.Message) string { s, _ := m.Body.Readable(); return s }

// morningDesk is a desk with two decision makers to call on Tuesday, 3 March 2026.
func morningDesk(t testing.TB, change ...func(*config.Config)) *world {
	w := newWorld(t, change...)
	w.restart("2026-03-02", "12:30")
	w.writeTo(jane)
	w.writeTo("Tom Reed <tom@globex.example>")
	w.log("jane@acme.example dm")
	w.log("tom@globex.example dm")
	w.log("jane@acme.example call tomorrow 10am")
	w.log("tom@globex.example call tomorrow 11am")
	return w
}

// TestPhoneIsALink: the number can be tapped.
func TestPhoneIsALink(t *testing.T) {
	w := morningDesk(t)
	phone := "+44 (0)20 7946-0018"
	if _, err := view.SetContact(context.Background(), w.r, people.ContactChange{Who: "jane@acme.example", Phone: &phone}); err != nil {
		t.Fatal(err)
	}
	w.at("2026-03-03", "07:30")
	w.pass()
	m := w.inbox()[0]
	if html := m.Body.HTML().Text(); !strings.Contains(html, `href="tel:+442079460018"`) {
		t.Errorf("no tel: link in\n%s", html)
	}
	if !strings.Contains(text(m), phone) {
		t.Errorf("no number in\n%s", text(m))
	}
}

// answer has the recruiter answer a mail of Fifthcall's; the answer lies in the folder named.
func (w *world) answer(to *message.Message, folder, text string, extra ...string) {
	w.put(folder, w.mail("Sam <sam@firm.example>", "sam@firm.example", "Re: "+to.Subject, text,
		append([]string{"In-Reply-To: <" + to.MessageID + ">", "References: <" + to.MessageID + ">"}, extra...)...))
}

func TestMorningMail(t *testing.T) {
	w := morningDesk(t)
	w.at("2026-03-03", "07:29")
	w.pass()
	if n := len(w.inbox()); n != 0 {
		t.Fatalf("%d mails before half past seven", n)
	}
	w.at("2026-03-03", "07:30")
	w.pass()
	w.pass()
	w.at("2026-03-03", "09:00")
	w.pass()
	mails := w.inbox()
	if len(mails) != 1 {
		t.Fatalf("%d mails, want one", len(mails))
	}
	m := mails[0]
	body := text(m)
	for _, want := range []string{"1. Jane Miller", "2. Tom Reed", "10:00", "11:00"} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is not in\n%s", want, body)
		}
	}
	if m.Header.Get("Auto-Submitted") != "auto-generated" || !strings.Contains(m.Subject, "2 calls") {
		t.Errorf("%q %q", m.Subject, m.Header.Get("Auto-Submitted"))
	}
	if html := m.Body.HTML(); html == nil || !strings.Contains(html.Text(), "1. Jane Miller") {
		t.Error("no HTML of the same content")
	}
}

func TestMorningMailTimes(t *testing.T) {
	t.Parallel()
	type look struct {
		day, clock, zone string
		restart          bool
	}
	for name, c := range map[string]struct {
		looks []look
		want  []int // mails there after each look
	}{
		"restart after half past seven":     {[]look{{day: "2026-03-03", clock: "10:00", restart: true}}, []int{1}},
		"down from half past seven to noon": {[]look{{day: "2026-03-03", clock: "06:00"}, {day: "2026-03-03", clock: "12:01", restart: true}, {day: "2026-03-04", clock: "07:30"}}, []int{0, 0, 1}},
		"a free day":                        {[]look{{day: "2026-03-07", clock: "08:00"}, {day: "2026-03-08", clock: "08:00"}, {day: "2026-03-09", clock: "08:00"}}, []int{0, 0, 1}},
		"clocks go forward and back":        {[]look{{day: "2026-03-27", clock: "07:30"}, {day: "2026-03-30", clock: "07:29"}, {day: "2026-03-30", clock: "07:30"}, {day: "2026-10-26", clock: "07:30"}, {day: "2026-10-26", clock: "08:30"}}, []int{1, 1, 2, 3, 3}},
		"to Tokyo at five in the morning":   {[]look{{day: "2026-03-04", clock: "05:00"}, {day: "2026-03-04", clock: "14:00", zone: "sighup Asia/Tokyo"}}, []int{0, 1}},
		"asleep from seven to one":          {[]look{{day: "2026-03-04", clock: "07:00"}, {day: "2026-03-04", clock: "13:00"}}, []int{0, 1}},
		"to New York in the afternoon":      {[]look{{day: "2026-03-03", clock: "07:30"}, {day: "2026-03-03", clock: "09:00", zone: "America/New_York"}, {day: "2026-03-04", clock: "07:30", zone: "America/New_York"}}, []int{1, 1, 2}},
		"west over the date line":           {[]look{{day: "2026-03-04", clock: "07:30", zone: "Asia/Tokyo"}, {day: "2026-03-03", clock: "15:00", zone: "America/Los_Angeles"}, {day: "2026-03-05", clock: "07:30", zone: "America/Los_Angeles"}}, []int{1, 1, 2}},
		"to Tokyo overnight":                {[]look{{day: "2026-03-03", clock: "07:30"}, {day: "2026-03-04", clock: "07:30", zone: "Asia/Tokyo"}}, []int{1, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			w := morningDesk(t)
			for i, l := range c.looks {
				zone, sighup := strings.CutPrefix(l.zone, "sighup ")
				switch {
				case sighup:
					cfg := *w.cfg
					cfg.Desks = slices.Clone(cfg.Desks)
					cfg.Desks[0].Timezone = zone
					if err := w.Reload(context.Background(), &cfg); err != nil {
						t.Fatal(err)
					}
					w.at(l.day, l.clock)
				case l.restart || l.zone != "":
					w.restart(l.day, l.clock, func(cfg *config.Config) {
						if l.zone != "" {
							cfg.Desks[0].Timezone = l.zone
						}
					})
				default:
					w.at(l.day, l.clock)
				}
				w.pass()
				w.pass()
				if n := len(w.inbox()); n != c.want[i] {
					t.Errorf("look %d: %d mails, want %d", i, n, c.want[i])
				}
			}
		})
	}
}

func TestQuietDay(t *testing.T) {
	w := newWorld(t)
	w.restart("2026-03-02", "12:30")
	w.pass()
	w.at("2026-03-03", "07:30")
	w.pass()
	m := w.inbox()
	if len(m) != 1 || len(strings.Split(strings.TrimSpace(text(m[0])), "\n")) > 3 {
		t.Fatalf("%d mails; %q", len(m), text(m[0]))
	}
}

// dayStart is a desk in the morning, with its mail.
func dayStart(t testing.TB, change ...func(*config.Config)) (*world, *message.Message) {
	w := morningDesk(t, change...)
	w.at("2026-03-03", "07:30")
	w.pass()
	mails := w.inbox()
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	w.at("2026-03-03", "10:20")
	return w, mails[0]
}

func TestAnswerLogs(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"above the quote", "1 spoke, keen, call 2w\r\n2 vm\r\n\r\nOn Tue, 3 Mar 2026 at 07:30, Fifthcall <sam@firm.example> wrote:\r\n> 1. Jane Miller\r\n> 2. Tom Reed\r\n"},
		{"between the lines", "> 1. Jane Miller\r\n>    10:00 moved by you\r\nspoke, keen, call 2w\r\n>\r\n> 2. Tom Reed\r\n>    11:00\r\n\r\nvm\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, m := dayStart(t)
			w.answer(m, "Sent", c.text)
			w.pass()
			w.answer(m, "INBOX", c.text) // a copy is another message here; the same one is tried below
			ts := w.touchesOf("jane@acme.example")
			if last := ts[len(ts)-1]; last.Outcome != "spoke" || last.Kind != "conversation" || last.Note != "keen" || !strings.HasPrefix(last.Time, "2026-03-03T10:20") {
				t.Errorf("%+v", last)
			}
			if cb := w.callback("jane@acme.example"); !strings.HasPrefix(cb.Start, "2026-03-17") {
				t.Errorf("%+v", cb)
			}
			if cb := w.callback("tom@globex.example"); cb.Rule != "left-message" || !strings.HasPrefix(cb.Start, "2026-03-05") {
				t.Errorf("%+v", cb)
			}
			if n := len(w.inbox()); n != 1 {
				t.Errorf("%d mails: nothing had to be echoed", n)
			}
		})
	}
}

func TestAppliedOnce(t *testing.T) {
	w, m := dayStart(t)
	raw := w.mail("Sam <sam@firm.example>", "sam@firm.example", "Re: "+m.Subject, "1 vm\r\n", "In-Reply-To: <"+m.MessageID+">")
	for _, f := range []string{"INBOX", "Sent", "Sent"} {
		w.put(f, raw)
		w.pass()
	}
	n := 0
	for _, x := range w.touchesOf("jane@acme.example") {
		if x.Outcome == "left-message" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("logged %d times", n)
	}
	w.at("2026-03-04", "07:30")
	w.pass()
	if body := text(w.inbox()[1]); strings.Contains(body, "not obeyed") {
		t.Errorf("its copy in INBOX is a false alarm:\n%s", body)
	}
}

func TestEchoAndUndo(t *testing.T) {
	w, m := dayStart(t)
	before := w.callback("jane@acme.example")
	w.answer(m, "Sent", "1 spoke, call tue 17 mar 10:00\r\n2 wibble\r\n")
	w.pass()
	mails := w.inbox()
	if len(mails) != 2 {
		t.Fatalf("%d mails", len(mails))
	}
	echo := mails[1]
	for _, want := range []string{"UNDERSTOOD", "1 spoke, call 2026-03-17T10:00", "Tue 17 Mar 2026, 10:00", "2 wibble", "undo"} {
		if !strings.Contains(text(echo), want) {
			t.Errorf("%q is not in\n%s", want, text(echo))
		}
	}
	if len(echo.InReplyTo) != 1 || echo.InReplyTo[0] != fmt.Sprintf("m%d@test", w.n) {
		t.Errorf("not in the thread: %v", echo.InReplyTo)
	}
	moved := w.callback("jane@acme.example")
	w.answer(echo, "Sent", "undo\r\n")
	w.pass()
	mails = w.inbox()
	if len(mails) != 3 || !strings.Contains(text(mails[2]), "taken back: 1 spoke") {
		t.Fatalf("%d mails", len(mails))
	}
	for _, x := range w.touchesOf("jane@acme.example") {
		if x.Outcome == "spoke" {
			t.Error("the touch is still there")
		}
	}
	after := w.callback("jane@acme.example")
	if after.Due != before.Due || after.Rule != before.Rule || after.EventUID != before.EventUID || after.Sequence <= moved.Sequence {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
}

func TestUndoOneItem(t *testing.T) {
	w, m := dayStart(t)
	w.answer(m, "Sent", "1 candidate\r\n2 do not contact\r\n")
	w.pass()
	w.answer(m, "Sent", "1 vm\r\n")
	w.pass()
	w.answer(m, "Sent", "undo 2\r\n")
	w.pass()
	if c := w.contact("tom@globex.example"); c.Status != "active" {
		t.Errorf("%+v", c)
	}
	if cb := w.callback("tom@globex.example"); cb.Status != "open" {
		t.Errorf("%+v", cb)
	}
	if c := w.contact("jane@acme.example"); len(c.Roles) != 2 {
		t.Errorf("%+v", c.Roles)
	}
	if ts := w.touchesOf("jane@acme.example"); ts[len(ts)-1].Outcome != "left-message" {
		t.Errorf("%+v", ts)
	}
}

func TestRestAndMany(t *testing.T) {
	w, m := dayStart(t)
	w.answer(m, "Sent", "1 spoke\r\nrest na\r\n")
	w.pass()
	if ts := w.touchesOf("tom@globex.example"); ts[len(ts)-1].Outcome != "no-answer" {
		t.Errorf("%+v", ts)
	}
	if ts := w.touchesOf("jane@acme.example"); ts[len(ts)-1].Outcome != "spoke" {
		t.Errorf("rest is what was not answered: %+v", ts)
	}
	w.answer(m, "Sent", "?\r\n")
	w.pass()
	if mails := w.inbox(); len(mails) != 2 || !strings.Contains(text(mails[1]), "left a message") {
		t.Errorf("%d mails", len(mails))
	}
}

const passed = "Authentication-Results: mx.firm.example; dkim=pass header.d=firm.example; dmarc=pass header.from=firm.example"

func vouched(cfg *config.Config) { cfg.Desks[0].AuthservID = "mx.firm.example" }

// TestWhoMayCommand: DESIGN.md, principle 7.
func TestWhoMayCommand(t *testing.T) {
	t.Parallel()
	ref := func(m *message.Message) string { return "In-Reply-To: <" + m.MessageID + ">" }
	for _, c := range []struct {
		name   string
		change func(*config.Config)
		folder string
		raw    func(w *world, m *message.Message) []byte
		obeyed bool
		alarm  bool
	}{
		{"an answer in Sent", nil, "Sent", func(w *world, m *message.Message) []byte {
			return w.mail("sam@firm.example", "sam@firm.example", "Re: x", "1 vm", ref(m))
		}, true, false},
		{"an ordinary mail to a client", nil, "Sent", func(w *world, _ *message.Message) []byte {
			return w.mail("sam@firm.example", jane, "Hello", "jane@acme.example vm")
		}, false, false},
		{"Fifthcall's own mail, filed in Sent by the provider", nil, "Sent", func(w *world, m *message.Message) []byte {
			return w.mail("sam@firm.example", "sam@firm.example", "Re: x", "1 vm", ref(m), "X-Fifthcall: echo", "Auto-Submitted: auto-generated")
		}, false, false},
		{"a forwarded command", nil, "Sent", func(w *world, m *message.Message) []byte {
			return w.mail("sam@firm.example", "sam@firm.example", "Fwd: x", "See below.\r\n\r\n---------- Forwarded message ---------\r\nFrom: Eve <eve@evil.example>\r\nDate: Mon, 2 Mar 2026 09:00\r\nSubject: x\r\nTo: sam\r\n\r\njane@acme.example vm\r\n")
		}, false, false},
		{"a foreign From in Sent", nil, "Sent", func(w *world, m *message.Message) []byte {
			return w.mail("eve@evil.example", "sam@firm.example", "Re: x", "1 vm", ref(m))
		}, false, false},
		{"a foreign Sender in Sent", nil, "Sent", func(w *world, m *message.Message) []byte {
			return w.mail("sam@firm.example", "sam@firm.example", "Re: x", "1 vm", ref(m), "Sender: eve@evil.example")
		}, false, true},
		{"forged, without token", vouched, "INBOX", func(w *world, _ *message.Message) []byte {
			return w.mail("sam@firm.example", "sam@firm.example", "Re: x", "jane@acme.example vm")
		}, false, true},
		{"forged, with a made-up token", vouched, "INBOX", func(w *world, _ *message.Message) []byte {
			return w.mail("sam@firm.example", "sam@firm.example", "Re: x", "jane@acme.example vm", "In-Reply-To: <fifthcall.m3.AAAAAAAAAAAAAAAAAAAAAA@firm.example>")
		}, false, true},
		{"a stolen token from another address", vouched, "INBOX", func(w *world, m *message.Message) []byte {
			return w.mail("eve@evil.example", "sam@firm.example", "Re: x", "1 vm", ref(m), "Authentication-Results: mx.firm.example; dmarc=pass header.from=evil.example")
		}, false, false},
		{"a valid token, nobody vouches", vouched, "INBOX", func(w *world, m *message.Message) []byte {
			return w.mail("sam@firm.example", "sam@firm.example", "Re: x", "1 vm", ref(m))
		}, false, true},
		{"a valid token, another server vouches", vouched, "INBOX", func(w *world, m *message.Message) []byte {
			return w.mail("sam@firm.example", "sam@firm.example", "Re: x", "1 vm", ref(m), strings.Replace(passed, "mx.firm", "mx.evil", 1))
		}, false, true},
		{"results below the server's own", vouched, "INBOX", func(w *world, m *message.Message) []byte {
			return w.mail("sam@firm.example", "sam@firm.example", "Re: x", "1 vm", ref(m), "Authentication-Results: mx.firm.example; dmarc=fail header.from=firm.example", passed)
		}, false, true},
		{"a valid token, vouched for", vouched, "INBOX", func(w *world, m *message.Message) []byte {
			return w.mail("sam@firm.example", "sam@firm.example", "Re: x", "1 vm", ref(m), passed)
		}, true, false},
		{"an old token", vouched, "INBOX", func(w *world, m *message.Message) []byte {
			w.now = w.now.Add(61 * 24 * time.Hour)
			return w.mail("sam@firm.example", "sam@firm.example", "Re: x", "1 vm", ref(m), passed)
		}, false, true},
		{"an auto-reply to the morning mail", vouched, "INBOX", func(w *world, m *message.Message) []byte {
			return w.mail("sam@firm.example", "sam@firm.example", "Automatic reply: x", "1 vm", ref(m), passed, "Auto-Submitted: auto-replied")
		}, false, false},
		{"a mailing list that carries it back", vouched, "INBOX", func(w *world, m *message.Message) []byte {
			return w.mail("sam@firm.example", "team@lists.example", "Re: x", "1 vm", ref(m), passed, "List-Id: <team.lists.example>")
		}, false, false},
		{"a delegate who isn't configured", vouched, "INBOX", func(w *world, m *message.Message) []byte {
			return w.mail("pa@firm.example", "sam@firm.example", "Re: x", "1 vm", ref(m), passed)
		}, false, false},
		{"a delegate", func(cfg *config.Config) { vouched(cfg); cfg.Desks[0].Delegates = []string{"pa@firm.example"} }, "INBOX", func(w *world, m *message.Message) []byte {
			return w.mail("pa@firm.example", "sam@firm.example", "Re: x", "1 vm", ref(m), passed)
		}, true, false},
		{"a note to self", nil, "Sent", func(w *world, _ *message.Message) []byte {
			return w.mail("sam@firm.example", "sam+log@firm.example", "note", "jane@acme.example vm")
		}, true, false},
		{"a note to self, forged", vouched, "INBOX", func(w *world, _ *message.Message) []byte {
			return w.mail("sam@firm.example", "sam+log@firm.example", "note", "jane@acme.example vm", passed)
		}, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var change []func(*config.Config)
			if c.change != nil {
				change = append(change, c.change)
			}
			w, m := dayStart(t, change...)
			before := len(w.inbox())
			w.put(c.folder, c.raw(w, m))
			w.pass()
			w.now = w.now.Add(time.Minute)
			w.pass()
			obeyed := false
			for _, x := range w.touchesOf("jane@acme.example") {
				obeyed = obeyed || x.Outcome == "left-message"
			}
			if obeyed != c.obeyed {
				t.Errorf("obeyed %v, want %v", obeyed, c.obeyed)
			}
			if n := len(w.inbox()); n != before {
				t.Errorf("%d new mails", n-before)
			}
			w.at(w.now.AddDate(0, 0, 1).Format(time.DateOnly), "07:35")
			for w.r.Current().Hours.Workday(desk.DateOf(w.now).UTC()) == false {
				w.now = w.now.AddDate(0, 0, 1)
			}
			w.pass()
			mails := w.inbox()
			if alarm := strings.Count(text(mails[len(mails)-1]), "not obeyed"); alarm != map[bool]int{true: 1}[c.alarm] {
				t.Errorf("%d alarms in\n%s", alarm, text(mails[len(mails)-1]))
			}
		})
	}
}

func TestForwardToLog(t *testing.T) {
	w, _ := dayStart(t)
	w.put("Sent", w.mail("sam@firm.example", "sam+log@firm.example", "WG: Anfrage", "Zur Info\r\n\r\nVon: Petra Klein <petra@muster.example>\r\nGesendet: Montag, 2. März 2026 16:02\r\nAn: Sam\r\nBetreff: Anfrage\r\n\r\n2 vm\r\n"))
	w.put("Sent", append([]byte(nil), w.mail("sam@firm.example", "sam+log@firm.example", "Fwd: CV", "--b\r\n\r\nlog this\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: Omar Baker <omar@free.example>\r\nTo: team@firm.example\r\nSubject: CV\r\nDate: Mon, 2 Mar 2026 08:00:00 +0000\r\nMessage-ID: <cv@free.example>\r\n\r\nMy CV\r\n--b--\r\n", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b")...))
	w.pass()
	for addr, subject := range map[string]string{"petra@muster.example": "Anfrage", "omar@free.example": "CV"} {
		ts := w.touchesOf(addr)
		if len(ts) != 1 || ts[0].Direction != "in" || ts[0].Subject != subject {
			t.Errorf("%s: %+v", addr, ts)
		}
	}
}

func TestBccLogs(t *testing.T) {
	w, _ := dayStart(t)
	w.put("Sent", mailtest.Head{From: "sam@firm.example", To: "new@client.example", Subject: "Hi", ID: "bcc@test", Date: w.now, Extra: []string{"Bcc: sam+log@firm.example"}}.Mail("2 vm"))
	w.pass()
	if ts := w.touchesOf("new@client.example"); len(ts) != 1 {
		t.Errorf("%+v", ts)
	}
	for _, x := range w.touchesOf("tom@globex.example") {
		if x.Outcome == "left-message" {
			t.Error("the text of a mail to a client is no command")
		}
	}
}

func TestOutboxList(t *testing.T) {
	w, m := dayStart(t)
	out, err := view.Outbox(w.r)
	if err != nil || len(out) != 1 || out[0].State != "accepted" || out[0].MessageID != m.MessageID || out[0].Next != "" {
		t.Errorf("%+v %v", out, err)
	}
}

// TestOutboxAfterACrash: a crash in sending repeats, one behind the mail's end looks for it first.
func TestOutboxAfterACrash(t *testing.T) {
	for _, c := range []struct {
		state   desk.OutgoingState
		arrived bool
		want    int
	}{
		{desk.OutQueued, false, 1}, {desk.OutSending, false, 1}, {desk.OutSending, true, 1}, {desk.OutData, true, 1}, {desk.OutData, false, 1}, {desk.OutUncertain, true, 1},
	} {
		w := newWorld(t)
		w.restart("2026-03-02", "12:30")
		w.pass()
		id := message.OwnIDPrefix + "m9.x@firm.example"
		raw := mailtest.Head{From: "sam@firm.example", To: "sam@firm.example", Subject: "x", ID: id, Date: w.now, Extra: []string{"X-Fifthcall: morning"}}.Mail("x")
		if c.arrived {
			w.put("INBOX", raw)
		}
		err := w.r.Update(context.Background(), func(tx *store.Tx, _ desk.Env) error {
			return tx.PutOutgoing(&desk.Outgoing{ID: "m9", MessageID: id, Kind: "morning", Data: raw, Deliver: desk.DeliverAppend, State: c.state, Created: w.now})
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 6 {
			w.pass()
			w.now = w.now.Add(5 * time.Minute)
		}
		if n := len(w.inbox()); n != c.want {
			t.Errorf("%+v: %d mails", c, n)
		}
	}
}

var mailtoRE = regexp.MustCompile(`mailto:(\S+)`)

// TestQuickLog: a link of the feed, sent as it is, logs the outcome.
func TestQuickLog(t *testing.T) {
	w, _ := dayStart(t)
	body, _, err := agenda.Feed(w.r, w.now)
	if err != nil {
		t.Fatal(err)
	}
	links := mailtoRE.FindAllStringSubmatch(strings.NewReplacer("\r\n ", "", `\n`, "\n", `\,`, ",").Replace(string(body)), -1)
	logged := 0
	for _, l := range links {
		u, err := url.Parse(l[0])
		if err != nil {
			t.Fatal(err)
		}
		to, _ := url.PathUnescape(u.Opaque)
		if text := u.Query().Get("body"); text == "tom@globex.example no answer" {
			logged++
			w.put("Sent", w.mail("sam@firm.example", to, u.Query().Get("subject"), text+"\r\n"))
		}
	}
	w.pass()
	ts := w.touchesOf("tom@globex.example")
	if logged != 1 || ts[len(ts)-1].Outcome != "no-answer" {
		t.Errorf("%d links; %+v", logged, ts[len(ts)-1])
	}
}

// TestEchoedLineParses: the line that an echo shows of a command is read as the same command.
func TestEchoedLineParses(t *testing.T) {
	verbs := []string{"spoke", "left-message", "no-answer", "emailed", "messaged", "met", "no-show", "not-interested", "wrong-number", "do-not-contact", "left-company", "snooze", "done", "cancel", "waved", "prepped", "debriefed", "role"}
	check := rapid.MakeCheck(func(rt *rapid.T) {
		g := words.Grammar{Now: testNow, Zone: time.UTC, MonthFirst: rapid.Bool().Draw(rt, "month first"), Languages: words.Languages()}
		c := words.Command{
			Ref:  rapid.SampledFrom([]string{"1", "17", "all", "jane@acme.example", "o.neil-2@sub.example"}).Draw(rt, "ref"),
			Verb: rapid.SampledFrom(verbs).Draw(rt, "verb"),
		}
		day := desk.DateOf(testNow).AddDays(rapid.IntRange(1, 400).Draw(rt, "days"))
		if c.Verb == "snooze" || desk.Outcome(c.Verb).IsTouch() && rapid.Bool().Draw(rt, "dated") {
			c.Next = desk.Next{Date: day}
			if rapid.Bool().Draw(rt, "timed") {
				c.Next.Clock, c.Next.Hour, c.Next.Minute = true, rapid.IntRange(0, 23).Draw(rt, "hour"), rapid.IntRange(0, 59).Draw(rt, "minute")
			}
		}
		if c.Verb == "role" {
			c.Note = string(rapid.SampledFrom(desk.AllRoles()).Draw(rt, "role"))
		}
		got := words.ParseCommands(c.String(), g)
		if len(got) != 1 || got[0].Ref != c.Ref || got[0].Verb != c.Verb || got[0].Next != c.Next {
			rt.Fatalf("%q is read as %+v, want %+v", c.String(), got, c)
		}
	})
	for range 20 { // quick ones
		check(t)
	}
}
