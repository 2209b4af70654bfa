package words

import (
	"fmt"
	"testing"
	"time"

	"fifthcall/daemon/desk"
)

func TestReadLeads(t *testing.T) {
	for note, want := range map[string]string{
		"keen, lead: Li Sato <li@globex.example>, HR director at Globex; wants CVs": "Li Sato|li@globex.example||HR director|Globex",
		"referred Ann Bell +44 20 7946 0018, CFO at Initech":                        "Ann Bell||+44 20 7946 0018|CFO|Initech",
		"recommended me to Ann Bell at Initech":                                     "",
		"spoke, leads the team in Leeds, invoices to accounts@acme.example":         "",
		"spoke, was referred by bo@globex.example":                                  "",
		"leads Project Phoenix 2019 - 2021":                                         "",
		"recommended Microsoft Teams":                                               "",
		"referred to HR, mail hr@acme.example":                                      "",
		"lead: Jan van der Berg (Muster GmbH) jan@muster.example":                   "Jan van der Berg|jan@muster.example|||Muster GmbH",
		"leads: Ann Bell, 020 7946 0018 and Bo Lee, bo@x.example":                   "Ann Bell||020 7946 0018|| Bo Lee|bo@x.example|||",
		"referred to HR":                         "",
		"needs a lead Java Developer by May":     "",
		"lead developer wanted, salary 60k":      "",
		"recommended to wait":                    "",
		"lead ann@x.example":                     "",
		"lead: ann@x.example":                    "|ann@x.example|||",
		"referral: nobody yet":                   "",
		"spoke, a misleading title: Ann Bell":    "",
		"referred Bo Lee, dm, bo@x.example, COO": "Bo Lee|bo@x.example||COO|",
	} {
		got := ""
		for i, l := range desk.ReadLeads(note) {
			if i > 0 {
				got += " "
			}
			got += fmt.Sprintf("%s|%s|%s|%s|%s", l.Name, l.Email, l.Phone, l.Title, l.Company)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", note, got, want)
		}
	}
}

func TestReadEmployer(t *testing.T) {
	for note, want := range map[string]string{
		"now at Globex, li@globex.example":      "Globex|li@globex.example|",
		"joined Globex":                         "Globex||",
		"has joined Globex as COO":              "Globex||COO",
		"is now with Muster GmbH <j@m.example>": "Muster GmbH|j@m.example|",
		"joined the call late":                  "",
		"now a manager":                         "",
		"prefers mobile, now at home":           "",
		"now at home":                           "",
		"now at 65k, wants 75k":                 "",
		"joined 10 minutes late":                "",
		"joined Teams late":                     "",
		"joined Zoom":                           "",
		"is now with 2 kids":                    "",
		"now at 2nd stage with Globex":          "",
		"now at Bank of Ireland, as CFO":        "Bank of Ireland||CFO",
	} {
		company, email, title, ok := desk.ReadEmployer(note)
		got := ""
		if ok {
			got = company + "|" + email + "|" + title
		}
		if got != want {
			t.Errorf("%q: %q, want %q", note, got, want)
		}
	}
}

func TestJoins(t *testing.T) {
	env := desk.Env{Now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Zone: time.UTC}
	c := desk.Contact{Emails: []string{"li@acme.example"}, Company: "Acme", Title: "CFO", Status: desk.StatusLeft}
	c.Joins("Globex", "li@globex.example", "COO", env)
	if c.Email() != "li@globex.example" || c.Status != desk.StatusActive || len(c.Past) != 1 || c.Past[0].Company != "Acme" || fmt.Sprint(c.BadEmails) != "[li@acme.example]" {
		t.Errorf("%+v", c)
	}
}

// TestLinesThatTellMore: a line with an outcome or a day isn't a mere note, whatever it begins with.
func TestLinesThatTellMore(t *testing.T) {
	g := Grammar{Now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Zone: time.UTC}
	for line, want := range map[string]string{
		"3 now with Globex, spoke, call 2w": "spoke", "3 joined Zoom, met, call 1w": "met", "3 referral: vm, call 2w": "left-message", "3 now at Globex, li@globex.example": "note",
		"3 lead: Li Sato <li@globex.example>, HR director at Globex": "note", "3 fee 15k": "fact", "JO7 no feedback yet": "order",
	} {
		got := ParseCommands(line, g)
		if len(got) != 1 || got[0].Verb != want {
			t.Errorf("%s: %+v, want %s", line, got, want)
		}
	}
}
