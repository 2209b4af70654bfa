package prose

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"fifthcall/mailbox/message"
)

// ownCases are mails that the authors wrote: seeds for the fuzzers, and a table of what must
// come of them.
var ownCases = []struct {
	name, raw                 string
	from, subject, id, thread string
	reply                     string
	class                     message.Class
}{
	{"plain", "From: Jane Doe <jane@acme.example>\r\nTo: sam@firm.example\r\nSubject: Hello\r\nDate: Mon, 2 Mar 2026 09:00:00 +0000\r\nMessage-ID: <1@acme.example>\r\n\r\nYes.\r\n", "jane@acme.example", "Hello", "1@acme.example", "1@acme.example", "Yes.", message.ClassHuman},
	{"answer", "From: jane@acme.example\nIn-Reply-To: <b@x>\nReferences: <a@x>\n <b@x>\nMessage-ID: <c@x>\nSubject: Re: Hello\n\nTuesday is fine.\n\nOn Mon, 2 Mar 2026 at 09:00, Sam <sam@firm.example> wrote:\n> When?\n", "jane@acme.example", "Re: Hello", "c@x", "a@x", "Tuesday is fine.", message.ClassHuman},
	{"outlook", "From: jane@acme.example\nMessage-ID: <c@x>\n\nPasst.\n\nVon: Sam Ruiter <sam@firm.example>\nGesendet: Montag, 2. März 2026 09:00\nAn: Jane Doe\nBetreff: Termin\n\nGeht Dienstag?\n", "jane@acme.example", "", "c@x", "c@x", "Passt.", message.ClassHuman},
	{"inline", "From: jane@acme.example\nMessage-ID: <c@x>\n\n> First?\nOne.\n> Second?\nTwo.\n", "jane@acme.example", "", "c@x", "c@x", "One.\nTwo.", message.ClassHuman},
	{"signature", "From: jane@acme.example\nMessage-ID: <c@x>\n\nCall me at four.\n\n-- \nJane Doe\n+44 20 7946 0018\n", "jane@acme.example", "", "c@x", "c@x", "Call me at four.", message.ClassHuman},
	{"mbox line, BOM, no colon, bare Message-ID", "\xef\xbb\xbfFrom x Mon\nFrom: jane@acme.example\nthis is no field\nMessage-ID: bare@x\nSubject: =?utf-8?Q?caf=C3=A9?=\n\nok\n", "jane@acme.example", "café", "bare@x", "bare@x", "ok", message.ClassHuman},
	{"Latin-1 without charset", "From: J\xfcrgen <j@x.example>\nMessage-ID: <[abc]@d>\nSubject: Gr\xfc\xdfe\n\nGr\xfc\xdfe\n", "j@x.example", "Grüße", "[abc]@d", "[abc]@d", "Grüße", message.ClassHuman},
	{"doubled Message-ID", "From: j@x.example\nMessage-ID: <1@x> <2@x>\nSubject: a\n b\n\nx\n", "j@x.example", "a b", "1@x", "1@x", "x", message.ClassHuman},
	{"list", "From: j@x.example\nMessage-ID: <1@x>\nList-Id: <talk.x.example>\n\nx\n", "j@x.example", "", "1@x", "1@x", "x", message.ClassList},
	{"away", "From: j@x.example\nMessage-ID: <1@x>\nAuto-Submitted: auto-replied\n\nAway.\n", "j@x.example", "", "1@x", "1@x", "Away.", message.ClassAutoReply},
	{"robot", "From: Shop <no-reply@x.example>\nMessage-ID: <1@x>\n\nYour order\n", "no-reply@x.example", "", "1@x", "1@x", "Your order", message.ClassAutomated},
	{"own", "From: sam@firm.example\nMessage-ID: <1@x>\nX-Fifthcall: echo\n\nx\n", "sam@firm.example", "", "1@x", "1@x", "x", message.ClassOwn},
	{"report", "From: MAILER-DAEMON@x.example\nMessage-ID: <1@x>\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nFailed.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; gone@y.example\nAction: failed\nStatus: 5.1.1\n\n--b--\n", "mailer-daemon@x.example", "", "1@x", "1@x", "Failed.", message.ClassBounce},
	{"HTML only", "From: j@x.example\nMessage-ID: <1@x>\nContent-Type: text/html; charset=utf-8\n\n<style>x</style><p>Yes &amp; no</p><div class=\"gmail_quote\">On Monday Sam wrote:<blockquote>Well?</blockquote></div>\n", "j@x.example", "", "1@x", "1@x", "Yes & no", message.ClassHuman},
	{"format=flowed", "From: j@x.example\nMessage-ID: <1@x>\nContent-Type: text/plain; format=flowed; delsp=yes\n\nwo \nrd\n", "j@x.example", "", "1@x", "1@x", "word", message.ClassHuman},
	{"doubled semicolons, RFC 2231", "From: j@x.example\nMessage-ID: <1@x>\nContent-Type: multipart/mixed;; boundary*0=\"ab\";\n boundary*1=\"cd\"\n\n--abcd\nContent-Transfer-Encoding: base64\n\neWVz\n--abcd--\n", "j@x.example", "", "1@x", "1@x", "yes", message.ClassHuman},
}

func TestOwnCases(t *testing.T) {
	own := func(a string) bool { return a == "sam@firm.example" }
	for _, c := range ownCases {
		p := message.ParsePart([]byte(c.raw))
		m := message.ReadHeader(p.Header, time.Time{}, 0)
		class, _ := Classify(m, p, own)
		text, kind := p.Readable()
		reply := ReplyText(text)
		if kind == "html" {
			reply = HTMLReplyText(p.HTML().Text())
		}
		if got := strings.ToLower(m.From.Addr); got != c.from || m.Subject != c.subject || m.MessageID != c.id || m.Thread != c.thread || class != c.class || strings.TrimSpace(reply) != c.reply {
			t.Errorf("%s: from %q subject %q id %q thread %q class %s reply %q", c.name, got, m.Subject, m.MessageID, m.Thread, class, reply)
		}
	}
}

func TestIdentity(t *testing.T) {
	read := func(raw string) string {
		h, _ := message.ParseHeader([]byte(raw))
		return message.ReadHeader(h, time.Time{}, 10).Identity
	}
	a := read("From: Jane <jane@x>\nDate: Mon, 2 Mar 2026 09:00:00 +0000\nMessage-ID: <1@x>\n\n")
	if a != read("Received: by y\nFrom: JANE@x\nDate: Mon, 2 Mar 2026 10:00:00 +0100\nMessage-ID: <1@x>\n\n") {
		t.Error("the same mail in two folders has two identities")
	}
	for _, other := range []string{"From: eve@x\nDate: Mon, 2 Mar 2026 09:00:00 +0000\nMessage-ID: <1@x>\n\n", "From: jane@x\nDate: Tue, 3 Mar 2026 09:00:00 +0000\nMessage-ID: <1@x>\n\n"} {
		if a == read(other) {
			t.Error("a forged or repeated Message-ID hides a mail")
		}
	}
	if read("From: a@x\nSubject: one\n\n") == read("From: a@x\nSubject: two\n\n") {
		t.Error("two mails without Message-ID are one")
	}
}

func TestAddresses(t *testing.T) {
	for in, want := range map[string]string{
		`Jane Doe <jane@x.example>, "Doe, John" <john@x.example>`: "Jane Doe <jane@x.example>|Doe, John <john@x.example>",
		`Doe, Jane <jane@x.example>`:                              "Doe, Jane <jane@x.example>",
		`undisclosed-recipients:;`:                                "",
		`Team: a@x.example, b@x.example;, c@x.example`:            "<a@x.example>|<b@x.example>|<c@x.example>",
		`jane@x.example (Jane Doe)`:                               "Jane Doe <jane@x.example>",
		`<@relay.example:jane@x.example>`:                         "<jane@x.example>",
		`=?utf-8?B?SsO8cmdlbg==?= <j@x.example>`:                  "Jürgen <j@x.example>",
		`"quoted \"x\"" <q@x.example>; r@x.example`:               `quoted "x" <q@x.example>|<r@x.example>`,
		`mailto:jane@x.example`:                                   "<jane@x.example>",
	} {
		var got []string
		for _, a := range message.ParseAddresses(in) {
			got = append(got, strings.TrimSpace(a.Name+" <"+a.Addr+">"))
		}
		if s := strings.Join(got, "|"); s != want {
			t.Errorf("%s: %s, want %s", in, s, want)
		}
	}
}

// TestLinear: what hostile mail is made of takes no more than its length.
func TestLinear(t *testing.T) {
	deep := "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Type: multipart/mixed; boundary=b\n\n", 2000)
	for name, raw := range map[string]string{
		"quote marks": strings.Repeat(">", 750_000), "quoted lines": strings.Repeat("> x\n", 10_000), "deep": deep, "angle brackets": "From: " + strings.Repeat("<", 60_000) + "\n\n",
		"encoded words": "Subject: " + strings.Repeat("=?utf-8?Q?", 6000) + "\n\n", "attributions": strings.Repeat("On 1 May 2026 x\n", 2_000), "open tags": "Content-Type: text/html\n\n" + strings.Repeat("<div>", 5_000), "8 MB": "Subject: x\n\n" + strings.Repeat(strings.Repeat("a line of text ", 100)+"\n", 1<<12),
	} {
		if !strings.Contains(raw, "\n\n") {
			raw = "Subject: x\n\n" + raw
		}
		p := message.ParsePart([]byte(raw))
		m := message.ReadHeader(p.Header, time.Time{}, 0)
		Classify(m, p, func(string) bool { return false })
		text, _ := p.Readable()
		if len(ReplyText(text)) > len(text)+2 {
			t.Errorf("%s: the reply is longer than the text", name)
		}
		ReadBounce(p)
	}
}

func FuzzHeader(f *testing.F) {
	for _, c := range ownCases {
		f.Add([]byte(c.raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, at := message.ParseHeader(raw)
		if at < 0 || at > len(raw) {
			t.Fatalf("the body begins at %d of %d", at, len(raw))
		}
		m := message.ReadHeader(h, time.Time{}, int64(len(raw)))
		ClassifyHeader(m, func(string) bool { return false })
		m.Author()
		for _, s := range []string{m.Subject, m.From.Name, m.MessageID, m.Thread} {
			if strings.ContainsAny(s, "\r\n\x00") {
				t.Fatalf("a line break in %q", s)
			}
		}
		if !utf8.ValidString(m.Subject) {
			t.Fatalf("invalid UTF-8 in %q", m.Subject)
		}
	})
}

func FuzzMIME(f *testing.F) {
	for _, c := range ownCases {
		f.Add([]byte(c.raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p := message.ParsePart(raw)
		m := message.ReadHeader(p.Header, time.Time{}, int64(len(raw)))
		Classify(m, p, func(string) bool { return false })
		text, _ := p.Readable()
		if !utf8.ValidString(text) {
			t.Fatalf("invalid UTF-8 in %q", text)
		}
		p.CalendarParts()
		ReadCallNotice(m, text)
	})
}

func FuzzReply(f *testing.F) {
	for _, c := range ownCases {
		f.Add(c.raw)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ReplyText(s)
		HTMLReplyText(s)
		message.HTMLText(s)
	})
}

func FuzzBounce(f *testing.F) {
	for _, c := range ownCases {
		f.Add([]byte(c.raw))
	}
	f.Add([]byte("From: MAILER-DAEMON@x\nSubject: failure notice\n\nHi. This is the qmail program.\n<jane@x.example>:\nno mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <1@x>\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, ok := ReadBounce(message.ParsePart(raw))
		if ok != (len(b.Failed) > 0) {
			t.Fatalf("ok %v with %d failed", ok, len(b.Failed))
		}
		for _, f := range b.All() {
			if f.Recipient == "" || f.Kind != BounceHard && f.Kind != BounceSoft {
				t.Fatalf("%+v", f)
			}
		}
	})
}

func FuzzAutoReply(f *testing.F) {
	for _, c := range autoReplies {
		f.Add(c.subject, c.text)
	}
	m := autoReplyMessage("2026-03-02", "")
	f.Fuzz(func(t *testing.T, subject, text string) {
		m.Subject = subject
		a := ReadAutoReply(m, text)
		if day, _ := sentDay(m); !a.Date.IsZero() && a.Date.Before(day) {
			t.Fatalf("%q gives %s, which is past", text, a.Date)
		}
	})
}
