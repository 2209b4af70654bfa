package daemon

// Kinds of fault that users of other programs have reported, each through the whole daemon.

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/view"
	"fifthcall/mailbox/mailtest"
	"fifthcall/mailbox/message"
)

// TestGmailIsOneMailbox: dots and googlemail.com make no other person, and only there.
func TestGmailIsOneMailbox(t *testing.T) {
	w := newWorld(t)
	w.writeTo("Jane Doe <jane.doe@gmail.com>")
	w.writeTo("Tom Reed <tom.reed@globex.example>")
	for _, a := range []string{"JaneDoe@gmail.com", "j.a.n.e.doe@googlemail.com", "janedoe+jobs@gmail.com", "tomreed@globex.example"} {
		w.put("INBOX", w.mail("X <"+a+">", "sam@firm.example", "Re: Hello", "Yes."))
	}
	w.pass()
	if ts := w.touchesOf("jane.doe@gmail.com"); len(ts) != 4 {
		t.Errorf("%+v", ts)
	}
	if ts := w.touchesOf("tom.reed@globex.example"); len(ts) != 1 {
		t.Errorf("%+v", ts)
	}
	w.log("janedoe@gmail.com spoke")
	if n := len(list(t, w.r)); n != 2 {
		t.Errorf("%d contacts", n)
	}
}

// TestBounceOfAnAlias: a report names where an address led; whom the mail was written to is who bounced.
func TestBounceOfAnAlias(t *testing.T) {
	for name, original := range map[string]string{"told": "Original-Recipient: rfc822;jane@acme.example\r\n", "by the mail": ""} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.writeTo(jane) // m1
			body, head := bounceOf("jane@acme.example", "m1@test", "5.1.1", "User unknown")
			body = strings.Replace(body, "Final-Recipient: rfc822; jane@acme.example", original+"Final-Recipient: rfc822; u00123@internal.acme.example", 1)
			w.put("INBOX", w.mail("MAILER-DAEMON@acme.example", "sam@firm.example", "Undelivered Mail Returned to Sender", body, head...))
			w.pass()
			if c := w.contact("jane@acme.example"); c.Status != "bounced" || w.touchesOf("jane@acme.example")[0].Outcome != "undelivered" {
				t.Errorf("%+v", c)
			}
		})
	}
}

// TestAnsweredWithoutReferences: a mail under the subject of a person's, later and to them, answers it, whatever its threading headers say.
func TestAnsweredWithoutReferences(t *testing.T) {
	for _, subject := range []string{"RE: My question", "AW: My question", "Re:My question", "Re: [EXTERNAL] My question"} {
		w := newWorld(t)
		w.writeTo("Tom Reed <tom@globex.example>")
		w.writeTo(jane)
		w.put("INBOX", w.mail("Tom Reed <tom@globex.example>", "sam@firm.example", "My question", "When could we talk?"))
		w.put("INBOX", w.mail(jane, "sam@firm.example", "Another question", "How much?"))
		w.pass()
		w.now = w.now.Add(time.Hour)
		w.put("Sent", w.mail("Sam <sam@firm.example>", "tom@globex.example", subject, "On Thursday.", "References: <rewritten@relay>"))
		w.pass()
		w.at("2026-03-04", "07:30")
		w.pass()
		body := text(w.morningMail())
		_, waiting, _ := strings.Cut(body, "MAIL WITHOUT AN ANSWER")
		if !strings.Contains(waiting, "Jane") || strings.Contains(waiting, "Tom Reed") {
			t.Errorf("%s:\n%s", subject, body)
		}
	}
}

// TestOddDates: a mail with no date, an impossible one, or one in the future is logged when it came.
func TestOddDates(t *testing.T) {
	for _, date := range []string{"", "Thu, 01 Jan 1970 00:00:00 +0000", "Tue, 19 Jan 2038 03:14:07 +0000", "nonsense"} {
		w := newWorld(t)
		w.writeTo(jane)
		raw := string(w.mail(jane, "sam@firm.example", "Re: Hello", "Yes."))
		head, rest, _ := strings.Cut(raw, "Date: ")
		_, rest, _ = strings.Cut(rest, "\r\n")
		if date != "" {
			head += "Date: " + date + "\r\n"
		}
		w.put("INBOX", []byte(head+rest))
		w.pass()
		ts := w.touchesOf("jane@acme.example")
		if len(ts) != 2 || !strings.HasPrefix(ts[len(ts)-1].Time, w.now.UTC().Format("2006-01-02")) && !strings.HasPrefix(ts[0].Time, w.now.UTC().Format("2006-01-02")) {
			t.Errorf("%q: %+v", date, ts)
		}
		for _, x := range ts {
			if at, _ := time.Parse(time.RFC3339, x.Time); at.After(w.now.Add(time.Minute)) || at.Year() < 2026 {
				t.Errorf("%q: %s", date, x.Time)
			}
		}
	}
}

// callNotice is what a phone system writes of a call.
func (w *world) callNotice(subject, text string) {
	w.n++
	w.put("INBOX", mailtest.Head{From: "Phone <noreply@pbx.example>", To: "sam@firm.example", Subject: subject, ID: fmt.Sprintf("m%d@test", w.n), Date: w.now}.Mail(text))
}

// TestOneCallOneTouch: a missed call and the message that was left then are one call.
func TestOneCallOneTouch(t *testing.T) {
	w := newWorld(t)
	w.writeTo(jane)
	w.log("jane@acme.example number +44 20 7946 0018")
	w.callNotice("Missed call from +44 20 7946 0018", "You missed a call from +44 20 7946 0018.")
	w.now = w.now.Add(2 * time.Minute)
	w.callNotice("New voicemail from +44 20 7946 0018", "You have a new voicemail from +44 20 7946 0018. Please call me back.")
	w.pass()
	if ts := w.touchesOf("jane@acme.example"); len(ts) != 2 || ts[0].Channel != "voicemail" && ts[1].Channel != "voicemail" {
		t.Errorf("%+v", ts)
	}
	w.now = w.now.Add(3 * time.Hour)
	w.callNotice("Missed call from +44 20 7946 0018", "You missed a call from +44 20 7946 0018.")
	w.pass()
	if ts := w.touchesOf("jane@acme.example"); len(ts) != 3 {
		t.Errorf("%+v", ts)
	}
}

// ics is a calendar mail of whatever lines.
func (w *world) ics(folder, from, method string, lines ...string) {
	w.n++
	w.now = w.now.Add(time.Second)
	body := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:" + method + "\r\nBEGIN:VEVENT\r\nDTSTAMP:" + w.now.UTC().Format("20060102T150405Z") + "\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	to := "sam@firm.example"
	if folder == "Sent" {
		to = "li@post.example"
	}
	w.put(folder, mailtest.Head{From: from, To: to, Subject: "Interview", ID: fmt.Sprintf("m%d@test", w.n), Date: w.now,
		Extra: []string{"MIME-Version: 1.0", "Content-Type: text/calendar; method=" + method + "; charset=utf-8"}}.Mail(body))
	w.pass()
}

// TestGuestsAnswer: what a candidate or client answers to an invitation that the recruiter sent is told and asked about, and moves nothing.
func TestGuestsAnswer(t *testing.T) {
	w := interviewDesk(t)
	event := []string{"UID:own1", "SEQUENCE:0", "DTSTART:20260312T150000Z", "DTEND:20260312T160000Z", "SUMMARY:Interview Li Sato", "ORGANIZER:mailto:sam@firm.example", "ATTENDEE;CN=Jane Miller:mailto:jane@acme.example"}
	w.ics("Sent", "Sam <sam@firm.example>", "REQUEST", append(event, "ATTENDEE;CN=Li Sato:mailto:li@post.example")...)
	before := w.dump()
	for i, c := range []struct{ method, start, party, want string }{
		{"REPLY", "20260312T150000Z", "ATTENDEE;PARTSTAT=DECLINED:mailto:li@post.example", "declined"},
		{"COUNTER", "20260313T090000Z", "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:li@post.example", "proposes another time"},
		{"REPLY", "20260312T150000Z", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:li@post.example", ""},
	} {
		n := len(w.news())
		w.ics("INBOX", li, c.method, "UID:own1", "SEQUENCE:0", "DTSTART:"+c.start, "DTEND:"+c.start[:11]+"0000Z", "SUMMARY:Interview Li Sato", "ORGANIZER:mailto:sam@firm.example", c.party, "COMMENT:I have a shift then.")
		news := strings.Join(w.news()[min(n, len(w.news())):], "\n")
		if c.want == "" && news != "" || c.want != "" && !strings.Contains(news, c.want) {
			t.Errorf("%d %s: %q", i, c.method, news)
		}
	}
	for k, v := range w.dump() {
		if k[:1] == "e" && before[k] != v {
			t.Errorf("%s: %s, was %s", k, v, before[k])
		}
	}
}

// TestSeriesReachOccurrences: what happens to a series reaches the occurrence of it that was invited by itself.
func TestSeriesReachOccurrences(t *testing.T) {
	who := []string{"SUMMARY:Interview Li Sato", "ORGANIZER:mailto:jane@acme.example", "ATTENDEE;CN=Li Sato:mailto:li@post.example", "ATTENDEE:mailto:sam@firm.example"}
	times := []string{"DTSTART:20260312T150000Z", "DTEND:20260312T160000Z"}
	series := append([]string{"UID:s1", "SEQUENCE:2", "DTSTART:20260305T150000Z", "DTEND:20260305T160000Z"}, who...)
	for name, c := range map[string]struct {
		method string
		lines  []string
		want   string
	}{
		"cancelled":     {"CANCEL", append([]string{"STATUS:CANCELLED"}, series...), "off"},
		"until":         {"REQUEST", append([]string{"RRULE:FREQ=WEEKLY;UNTIL=20260310T000000Z"}, series...), "off"},
		"left out":      {"REQUEST", append([]string{"RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE:20260312T150000Z"}, series...), "off"},
		"goes on":       {"REQUEST", append([]string{"RRULE:FREQ=WEEKLY;COUNT=5"}, series...), "12 Mar"},
		"moved with it": {"REQUEST", append([]string{"UID:s1", "SEQUENCE:2", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260305T150000Z", "DTSTART:20260305T163000Z", "DTEND:20260305T173000Z"}, who...), "16:30"},
	} {
		t.Run(name, func(t *testing.T) {
			w := interviewDesk(t)
			w.ics("INBOX", jane, "REQUEST", append(append([]string{"UID:s1", "SEQUENCE:1", "RECURRENCE-ID:20260312T150000Z"}, times...), who...)...)
			w.ics("INBOX", jane, c.method, c.lines...)
			ivs, err := view.InterviewViews(w.r, true)
			if err != nil || len(ivs) == 0 {
				t.Fatal(ivs, err)
			}
			said := ""
			for _, iv := range ivs {
				said += fmt.Sprintf("%+v\n", iv)
			}
			switch c.want {
			case "off":
				if !strings.Contains(said, "cancelled") {
					t.Error(said)
				}
			case "16:30":
				if !strings.Contains(said, "2026-03-12T16:30") {
					t.Error(said)
				}
			default:
				if strings.Contains(said, "cancelled") || !strings.Contains(said, "2026-03-12T15:00") {
					t.Error(said)
				}
			}
		})
	}
}

// replyAs answers the morning mail in the parts that a program sends.
func (w *world) replyAs(to *message.Message, plain, html string) {
	extra := []string{"MIME-Version: 1.0", "Content-Type: text/html; charset=utf-8"}
	body := html
	if plain != "" {
		extra[1] = "Content-Type: multipart/alternative; boundary=b"
		body = "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + plain + "\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html + "\r\n--b--\r\n"
	}
	w.answer(to, "Sent", body, extra...)
	w.pass()
}

// TestRepliesAsProgramsSendThem: numbers that a program made a list of, lines that it broke, characters that nobody sees.
func TestRepliesAsProgramsSendThem(t *testing.T) {
	for name, c := range map[string]struct {
		plain, html string
		want        map[string]string
		due         string
	}{
		"a list":            {"", `<ol style="margin-top:0cm" start="1" type="1"><li class="MsoListParagraph">na</li><li class="MsoListParagraph">vm</li></ol>`, map[string]string{"jane@acme.example": "no-answer", "tom@globex.example": "left-message"}, ""},
		"a list from 2":     {"", `<ol start="2"><li>vm</li></ol>`, map[string]string{"tom@globex.example": "left-message"}, ""},
		"an entry's number": {"", `<ol><li value="2">vm</li></ol>`, map[string]string{"tom@globex.example": "left-message"}, ""},
		"broken lines":      {"1 spoke, they want two engineers in May and will send the specification by\r\nFriday, call 3w", "<div>1 spoke, they want two engineers in May and will send the specification by Friday, call 3w</div>", map[string]string{"jane@acme.example": "spoke"}, "2026-03-24"},
		"invisible":         {"", "<div>\u200b1 na</div><div>\ufeff２ vm</div>", map[string]string{"jane@acme.example": "no-answer", "tom@globex.example": "left-message"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w, m := dayStart(t)
			w.replyAs(m, c.plain, c.html)
			for addr, outcome := range c.want {
				if w.outcomes(addr, outcome) != 1 {
					t.Errorf("%s is not %s\n%s", addr, outcome, w.lastText())
				}
			}
			if c.due != "" && !strings.HasPrefix(w.callback("jane@acme.example").Start, c.due) {
				t.Errorf("%+v", w.callback("jane@acme.example"))
			}
		})
	}
	w, m := dayStart(t) // in plain text alone
	w.answer(m, "Sent", "1 spoke, they want two engineers in May and will send the specification by\r\nFriday, call 3w\r\n2 vm\r\n")
	w.pass()
	if w.outcomes("jane@acme.example", "spoke") != 1 || w.outcomes("tom@globex.example", "left-message") != 1 || !strings.HasPrefix(w.callback("jane@acme.example").Start, "2026-03-24") {
		t.Errorf("%+v\n%s", w.callback("jane@acme.example"), w.lastText())
	}
}

// TestAnsweredFromElsewhere: an answer to a letter from an address that nobody knew ends the sequence of whom it went to, and is asked about;
// so is a wish to be left alone, once.
func TestAnsweredFromElsewhere(t *testing.T) {
	for name, c := range map[string]struct{ from, text, want string }{
		"unknown": {"Sam Osei <sam@home.example>", "Yes, let us talk.", "the same person?"},
		"known":   {"Tom Reed <tom@globex.example>", "She is on leave.", "the same person?"},
		"stop":    {"Sam Osei <sam@home.example>", "Please stop writing to me.", "asks not to be contacted"},
	} {
		t.Run(name, func(t *testing.T) {
			w := enrolled(t)
			w.writeTo("Tom Reed <tom@globex.example>")
			w.days(4)
			sent := slices.DeleteFunc(w.letters(), func(o view.OutgoingView) bool { return o.Kind != desk.KindLetter })
			if len(sent) == 0 {
				t.Fatal("no letter went out")
			}
			ref := "<" + sent[0].MessageID + ">"
			for range 2 {
				w.put("INBOX", w.mail(c.from, "sam@firm.example", "Re: "+sent[0].Subject, c.text, "In-Reply-To: "+ref, "References: "+ref))
				w.pass()
			}
			news, hits := w.news(), 0
			for _, n := range news {
				if strings.Contains(n, c.want) {
					hits++
				}
			}
			if hits != 1 || w.enrolment().State == "active" {
				t.Errorf("%d of %q, %+v", hits, news, w.enrolment())
			}
		})
	}
}

// TestRefusedAtOnce: an address that the server refuses before it takes the letter is as dead as one that bounces: marked, told once, and what
// ran to it ends.
func TestRefusedAtOnce(t *testing.T) {
	w := sendingDesk(t, func(c *config.Config) { c.Desks[0].Letters.Mode = "auto" })
	w.log("refused@example.com client")
	if _, err := view.EnrolFromShell(t.Context(), w.r, "prospect", "refused@example.com", ""); err != nil {
		t.Fatal(err)
	}
	w.at("2026-03-04", "09:00")
	w.pass()
	w.pass()
	if c := w.contact("refused@example.com"); c.Status != "bounced" {
		t.Errorf("%+v\n%q", c, w.news())
	}
	if e := w.enrolment(); e.State == "active" {
		t.Errorf("%+v", e)
	}
	if news := w.news(); len(news) != 1 || !strings.Contains(news[0], "the address is probably wrong") {
		t.Errorf("%q", news)
	}
}

// TestFactsGoToWhatTheyAreAbout: a number told at the prep call, or named as the interview's, is the interview's, and not the candidate's own.
func TestFactsGoToWhatTheyAreAbout(t *testing.T) {
	for name, say := range map[string]func(w *world){
		"shell": func(w *world) { w.log("li@post.example interview number +44 20 7946 0099") },
		"calendar": func(w *world) {
			dav := w.calendarOf()
			dav.change(dav.find("Prep call"), noted("number +44 20 7946 0099"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := matrixDesk(t)
			w.log("li@post.example number +44 7700 900555")
			say(w)
			ivs, err := view.InterviewViews(w.r, false)
			if err != nil || len(ivs) != 1 || !strings.Contains(fmt.Sprint(ivs[0].Facts), "0099") {
				t.Errorf("%+v %v\n%q", ivs, err, w.news())
			}
			if c := w.contact("li@post.example"); c.Phone != "+44 7700 900555" {
				t.Errorf("%+v", c)
			}
		})
	}
}

// TestNothingPrivateLeaves: a letter to a candidate that would tell what the client pays, what was noted of the client, or who else is in the
// running is held, and says why; the same letter without it isn't.
func TestNothingPrivateLeaves(t *testing.T) {
	for name, c := range map[string]struct {
		say  []string
		held bool
	}{
		"nothing":           {[]string{"JO1 salary 70k"}, false},
		"a fee":             {[]string{"li@post.example interview title Engineer, fee 25% terms signed"}, true},
		"a client's note":   {[]string{"jane@acme.example note she wants to replace the whole team", "li@post.example interview dress she wants to replace the whole team"}, true},
		"another candidate": {[]string{"new: Bo Lee <bo@x.example>, Initech, candidate", "bo@x.example submitted JO1", "li@post.example submitted JO1", "li@post.example interview bring the notes of Bo Lee"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := matrixDesk(t)
			for _, s := range c.say {
				w.log(s)
			}
			p, err := view.RenderPreview(w.r, view.LetterRequest{Name: "prep-video", Contact: "li@post.example"})
			if err != nil {
				t.Fatal(err)
			}
			if held := strings.Contains(p.Why, "it would tell the candidate"); held != c.held {
				t.Errorf("held is %v: %q\n%s", held, p.Why, p.Text)
			}
		})
	}
}

// TestLettersClaimWhatIsLogged: "as I told you on the phone" stands in a letter only if a conversation is logged.
func TestLettersClaimWhatIsLogged(t *testing.T) {
	w := matrixDesk(t)
	letter := func() string {
		p, err := view.RenderPreview(w.r, view.LetterRequest{Name: "not-taken-interviewed", Contact: "li@post.example"})
		if err != nil {
			t.Fatal(err)
		}
		return p.Subject + "\n" + p.Text
	}
	if s := letter(); strings.Contains(s, "on the phone") || strings.Contains(s, "After our call") {
		t.Error(s)
	}
	w.log("li@post.example spoke")
	if s := letter(); !strings.Contains(s, "on the phone") {
		t.Error(s)
	}
}

// TestPreviewOfAnotherKind warns that a letter is for another kind of interview.
func TestPreviewOfAnotherKind(t *testing.T) {
	w := matrixDesk(t) // by video
	for name, want := range map[string]bool{"prep-phone": true, "prep-in-person": true, "prep-video": false} {
		p, err := view.RenderPreview(w.r, view.LetterRequest{Name: name, Contact: "li@post.example"})
		if err != nil || strings.Contains(p.Why, "“prep-video” fits") != want {
			t.Errorf("%s: %q %v", name, p.Why, err)
		}
	}
}

// TestNeverSilent: what the recruiter might be waiting for is told, if it isn't done.
func TestNeverSilent(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(w *world)
		want string
	}{
		"a mistyped note to self": {func(w *world) {
			w.put("Sent", w.mail("sam@firm.example", "sam@firm.example", "note", "jane@acme.example spoek, call 2w"))
			w.pass()
		}, "what happened?"},
		"an event that repeats": {func(w *world) {
			res, _ := w.calendarOf().do("PUT", callbacksPath+"x.ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:x\r\nDTSTAMP:20260301T100000Z\r\nSUMMARY:Call Jane weekly\r\nDTSTART:20260310T100000Z\r\nDTEND:20260310T103000Z\r\nRRULE:FREQ=WEEKLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", "Content-Type", "text/calendar")
			if res.StatusCode != 403 {
				t.Error(res.Status)
			}
		}, "it repeats"},
		"a second lead": {func(w *world) {
			w.log("jane@acme.example spoke, referred Ann Bell <ann@x.example>; and Tom Roe +44 20 7946 0018")
			if c := w.contact("ann@x.example"); c.Name != "Ann Bell" {
				t.Errorf("%+v", c)
			}
			w.log("Tom Roe note heard of us")
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := matrixDesk(t)
			c.do(w)
			told := strings.Join(w.news(), "\n")
			for _, m := range w.inbox() {
				told += text(m)
			}
			if !strings.Contains(told, c.want) {
				t.Errorf("%q is not in\n%s", c.want, told)
			}
		})
	}
}

// TestInvitationsInAnyLanguage: an invitation from somebody unknown, in whatever language, that has a known candidate on it is an interview.
func TestInvitationsInAnyLanguage(t *testing.T) {
	for _, subject := range []string{"Vorstellungsgespräch Li Sato", "Entretien avec Li Sato", "2. Runde", "Ennen kesää"} {
		w := interviewDesk(t)
		ics := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:any\r\nSEQUENCE:0\r\nDTSTAMP:20260302T120000Z\r\nDTSTART:20260312T150000Z\r\nDTEND:20260312T160000Z\r\nSUMMARY:" + subject +
			"\r\nORGANIZER;CN=Pia Kern:mailto:pia@acme.example\r\nATTENDEE;CN=Li Sato:mailto:li@post.example\r\nATTENDEE:mailto:jane@acme.example\r\nATTENDEE:mailto:sam@firm.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
		w.n++
		w.put("INBOX", mailtest.Head{From: "Pia Kern <pia@acme.example>", To: "sam@firm.example, li@post.example, jane@acme.example", Subject: subject, ID: fmt.Sprintf("m%d@test", w.n), Date: w.now,
			Extra: []string{"MIME-Version: 1.0", "Content-Type: multipart/alternative; boundary=b"}}.Mail("--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nBis dann\r\n--b\r\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n"+ics+"--b--\r\n"))
		w.pass()
		if ivs, err := view.InterviewViews(w.r, false); err != nil || len(ivs) != 1 || ivs[0].Candidate != "li@post.example" {
			t.Errorf("%s: %+v %v", subject, ivs, err)
		}
	}
}
