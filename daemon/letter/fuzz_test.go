package letter

import (
	"bytes"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/desk"
)

// FuzzFields: whatever a contact, a client or an invitation says, it adds no header, no recipient and no HTML to any letter.
func FuzzFields(f *testing.F) {
	f.Add("Li Sato", "Acme", "5 King Street", "interviewer")
	f.Add("Li\r\nBcc: eve@evil.example", "a\nb", "<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`)
	f.Add("[x](javascript:alert(1))", "https://x.example/\"onmouseover=", "=?utf-8?q?=0D=0ABcc:_eve@evil.example?=", "&lt;b&gt;")
	f.Add("\\", "`code`", "https://meet.example/<b>", "- item\n# head")
	f.Add("\\\xffé", "\\", "é \\ (x)", "\\é")
	f.Add("{{.Desk.Email}}", "{{define \"x\"}}", "%s%n", "\u202e\u2066")
	all := Builtin().All()
	f.Fuzz(func(t *testing.T, name, company, place, who string) {
		for i, tpl := range all {
			if (len(name)+len(place)+i)%8 != 0 { // a part of them each time, in turn
				continue
			}
			fl := fieldsFor(tpl)
			for _, p := range []*Person{&fl.Contact, &fl.Candidate, &fl.Client} {
				p.Name, p.First, p.Company, p.Title = name, FirstName(name), company, who
			}
			iv := &fl.Interview
			iv.Company, iv.Title, iv.Address, iv.Link, iv.Number, iv.Room, iv.Dress, iv.About = company, who, place, place, place, who, name, place
			iv.Interviewers = []desk.Interviewer{{Name: who, Title: name}}
			fl.Offer = Offer{Terms: place, Start: who}
			r, err := tpl.Render(fl)
			if err != nil {
				t.Fatal(err)
			}
			checkMail(t, tpl, name, &r)
		}
	})
}

func checkMail(t *testing.T, tpl *Template, name string, r *Rendered) {
	data, err := Compose(Head{
		ID: "x@firm.example", FromName: "Sam", From: "sam@firm.example", To: []string{"li@post.example"}, ToName: name, Subject: r.Subject,
		Date: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Letter: "letter.l1.token", Unsubscribe: "mailto:sam@firm.example?subject=x",
	}, r.Text, r.HTML)
	if err != nil {
		t.Fatalf("%s can't be composed: %v", tpl.Name, err)
	}
	m, err := netmail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", tpl.Name, err)
	}
	known := map[string]bool{"Message-Id": true, "From": true, "To": true, "Subject": true, "Date": true, "Mime-Version": true, "Content-Type": true, "X-Fifthcall-Letter": true, "List-Unsubscribe": true, "Content-Transfer-Encoding": true}
	for k, v := range m.Header {
		if !known[k] || len(v) != 1 {
			t.Fatalf("%s: a header was added: %s %q", tpl.Name, k, v)
		}
	}
	to, err := m.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != "li@post.example" {
		t.Fatalf("%s: recipients %v %v", tpl.Name, to, err)
	}
	low := strings.ToLower(r.HTML)
	for _, bad := range []string{"<script", "<img", "<iframe", "javascript:alert(1)\"", "onerror=alert(1)>"} {
		if strings.Contains(low, bad) {
			t.Fatalf("%s: %q is in its HTML:\n%s", tpl.Name, bad, r.HTML)
		}
	}
	if n := strings.Count(low, "<a "); n > 2 {
		t.Fatalf("%s: %d links", tpl.Name, n)
	}
}
