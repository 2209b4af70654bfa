package daemon

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/command"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/work/imports"
)

var testNow = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// openDesk is a daemon without a mailbox, its clock fixed.
func openDesk(t *testing.T) (*Daemon, *book.Runner) {
	t.Helper()
	d, err := Open(testConfig(t, t.TempDir(), "sam", 1), Options{Clock: fixedClock(testNow)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d, d.desks[0]
}

func list(t *testing.T, r *book.Runner) map[string]view.ContactView {
	t.Helper()
	cs, err := view.Contacts(r, "", view.Part{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]view.ContactView{}
	for _, c := range cs {
		out[c.Email] = c
	}
	return out
}

func TestImport(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		data    string
		added   int
		bad     []int
		email   string
		name    string
		company string
		phone   string
		note    string
		role    desk.Role
	}{
		"plain": {"name,email,company,phone,role,Birthday\nJane Doe,Jane@Acme.example,Acme,+44 20 7946 0018,DM,1 May\nBad,not an address,,,\n\"Omar García\",omar@globex.example,Globex,,\"candidate;client\",\n", 2, []int{3}, "jane@acme.example", "Jane Doe", "Acme", "+44 20 7946 0018", "Birthday: 1 May", desk.RoleDecisionMaker},
		"google": {"Name,Given Name,Family Name,E-mail 1 - Type,E-mail 1 - Value,E-mail 2 - Value,Phone 1 - Value,Organization 1 - Name,Organization 1 - Title,Notes,Group Membership\n" +
			"Jane Doe,Jane,Doe,* Work,jane@acme.example,jane.doe@gmail.com,+44 1,Acme,CTO,met at a fair,* myContacts ::: candidate\n", 1, nil, "jane@acme.example", "Jane Doe", "Acme", "+44 1", "met at a fair", desk.RoleCandidate},
		"outlook":    {"\ufeffFirst Name,Middle Name,Last Name,Company,Job Title,Business Phone,Mobile Phone,E-mail Address,E-mail Type,Categories\r\nJane,,Doe,Acme,CTO,+44 2,+44 3,jane@acme.example,SMTP,VIP\r\n", 1, nil, "jane@acme.example", "Jane Doe", "Acme", "+44 2", "Categories: VIP", ""},
		"linkedin":   {"Notes:\n\"When exporting your connection data, you may notice some emails missing.\"\n\nFirst Name,Last Name,URL,Email Address,Company,Position,Connected On\nJane,Doe,https://linkedin.example/in/jane,jane@acme.example,Acme,CTO,01 Jan 2024\nNo,Mail,https://x,,Acme,CEO,02 Jan 2024\n,,,,,,\n", 2, nil, "jane@acme.example", "Jane Doe", "Acme", "", "URL: https://linkedin.example/in/jane", ""},
		"semicolons": {"Name;E-Mail;Company\nJane Doe;jane@acme.example;Acme\n\"broken;x@y.example;\n", 1, []int{3}, "jane@acme.example", "Jane Doe", "Acme", "", "", ""},
		"vcard": {"BEGIN:VCARD\nVERSION:3.0\nN:Doe;Jane;;;\nFN:Jane Doe\nORG:Acme;R&D\nTITLE:CTO\nEMAIL;TYPE=WORK:jane@acme.example\nTEL;TYPE=CELL:+44 5\nNOTE:likes tea\\, not coffee\nCATEGORIES:decision maker,VIP\nEND:VCARD\n" +
			"BEGIN:VCARD\nVERSION:3.0\ngarbage\nEND:VCARD\nBEGIN:VCARD\nVERSION:4.0\nFN:Li Sato\nEMAIL:li@globex.example\nEND:VCARD\n", 2, []int{12}, "jane@acme.example", "Jane Doe", "Acme", "+44 5", "likes tea, not coffee", desk.RoleDecisionMaker},
	} {
		t.Run(name, func(t *testing.T) {
			_, r := openDesk(t)
			res, err := imports.ImportContacts(ctx, r, []byte(c.data))
			if err != nil {
				t.Fatal(err)
			}
			var bad []int
			for _, b := range res.Bad {
				bad = append(bad, b.Line)
			}
			if res.Added != c.added || !slices.Equal(bad, c.bad) {
				t.Fatalf("added %d, bad %+v", res.Added, res.Bad)
			}
			got := list(t, r)[c.email]
			if got.Name != c.name || got.Company != c.company || got.Phone != c.phone || c.note != "" && !slices.Contains(got.Notes, c.note) || c.role != "" && !slices.Contains(got.Roles, c.role) {
				t.Errorf("%+v", got)
			}
			before, _ := json.Marshal(list(t, r))
			again, err := imports.ImportContacts(ctx, r, []byte(c.data))
			after, _ := json.Marshal(list(t, r))
			if err != nil || again.Added != 0 || again.Updated != 0 || string(before) != string(after) {
				t.Errorf("a second import: %+v %v", again, err)
			}
			if got.Roles != nil && slices.Contains(got.Roles, desk.RoleDecisionMaker) && list(t, r)[c.email].NextCallback == "" {
				t.Error("a decision maker without callback")
			}
		})
	}
}

func TestMergeAndUndo(t *testing.T) {
	ctx := context.Background()
	_, r := openDesk(t)
	csv := "name,email,role\nJane Doe,jane@acme.example,dm\nJane D,jane@home.example,candidate\n"
	if _, err := imports.ImportContacts(ctx, r, []byte(csv)); err != nil {
		t.Fatal(err)
	}
	for _, said := range []string{"jane@acme.example spoke", "jane@home.example left message"} {
		if _, err := command.LogText(ctx, r, said, testNow); err != nil {
			t.Fatal(err)
		}
	}
	before, _ := json.Marshal(list(t, r))
	merged, err := view.Merge(ctx, r, "jane@acme.example", "jane@home.example")
	if err != nil {
		t.Fatal(err)
	}
	if len(merged.Emails) != 2 || merged.Touches != 2 || len(merged.Roles) != 2 || len(list(t, r)) != 1 {
		t.Errorf("%+v", merged)
	}
	cbs, err := view.Callbacks(r, false, view.Part{})
	if err != nil || len(cbs) != 1 {
		t.Errorf("%d open callbacks after a merge (%v)", len(cbs), err)
	}
	if _, err := view.Unmerge(ctx, r, "jane@acme.example"); err != nil {
		t.Fatal(err)
	}
	if after, _ := json.Marshal(list(t, r)); string(before) != string(after) {
		t.Errorf("undo left\n%s\nwant\n%s", after, before)
	}
	if _, err := view.Unmerge(ctx, r, "jane@acme.example"); err == nil {
		t.Error("a merge was undone twice")
	}
	if _, err := view.Forget(ctx, r, "jane@home.example"); err != nil {
		t.Fatal(err)
	}
	if _, err := view.Contact(r, "jane@home.example"); err == nil || config.ExitCode(err) != desk.ExitFailed {
		t.Errorf("a forgotten contact: %v", err)
	}
}

func TestLog(t *testing.T) {
	ctx := context.Background()
	_, r := openDesk(t)
	if _, err := imports.ImportContacts(ctx, r, []byte("name,email,company,role\nJane Doe,jane@acme.example,Acme,dm\nJane Roe,roe@acme.example,Acme,dm\n")); err != nil {
		t.Fatal(err)
	}
	uid := ""
	for i, c := range []struct{ said, start string }{
		{"jane@acme.example spoke, keen, call 2w", "2026-03-16T09:00:00Z"},
		{"Jane Doe: no answer", "2026-03-03T12:00:00Z"}, // another time of day than 10:00
		{"jane doe left message", "2026-03-04T12:00:00Z"},
		{"jane@acme.example met for lunch", "2026-03-16T09:00:00Z"},
		{"jane@acme.example snooze friday 14:00", "2026-03-06T14:00:00Z"},
		{"jane@acme.example emailed the CV", "2026-03-06T14:00:00Z"},
	} {
		out, err := command.LogText(ctx, r, c.said, testNow)
		if err != nil || len(out) != 1 || out[0].Next != c.start {
			t.Fatalf("%s: %+v %v", c.said, out, err)
		}
		cbs, err := view.Callbacks(r, false, view.Part{})
		if err != nil {
			t.Fatal(err)
		}
		for _, cb := range cbs {
			if cb.Contact == "jane@acme.example" {
				if uid == "" {
					uid = cb.EventUID
				}
				if cb.EventUID != uid || cb.Sequence > i+1 {
					t.Errorf("%s: %+v", c.said, cb)
				}
			}
		}
	}
	for said, want := range map[string]string{
		"jane spoke": "fits 2 contacts", "jame@acme.example spoke": "did you mean jane@acme.example", "jane@acme.example flibble": "nothing was logged",
		"jane@acme.example spoke, call 31 June": "no such day", "2 vm": "belongs to a mail", "": "nothing to log",
	} {
		if _, err := command.LogText(ctx, r, said, testNow); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", said, err)
		}
	}
	if _, err := command.LogText(ctx, r, "jane@acme.example do not contact", testNow); err != nil {
		t.Fatal(err)
	}
	cbs, err := view.Callbacks(r, true, view.Part{})
	if err != nil {
		t.Fatal(err)
	}
	for _, cb := range cbs {
		if cb.Contact == "jane@acme.example" && cb.Status != string(desk.CallbackCancelled) {
			t.Errorf("do not contact left %+v", cb)
		}
	}
	ts, err := view.Touches(r, "jane@acme.example", view.Part{})
	if err != nil || len(ts) != 5 || ts[0].Kind != "conversation" || ts[0].Note != "keen" || ts[0].Channel != "call" {
		t.Errorf("%d touches: %+v (%v)", len(ts), ts, err)
	}
}

// TestImportEnrols: a column "sequence" puts people into it, once.
func TestImportEnrols(t *testing.T) {
	w := interviewDesk(t)
	csv := "name,email,company,role,sequence,language\nNoa Levi,noa@globex.example,Globex,client,prospect,de\nKim Ito,kim@initech.example,Initech,client,prospekt,\n"
	for range 2 {
		res, err := imports.ImportContacts(context.Background(), w.r, []byte(csv))
		if err != nil || len(res.Bad) != 1 || !strings.Contains(res.Bad[0].Problem, `did you mean "prospect"?`) {
			t.Fatalf("%+v %v", res, err)
		}
	}
	w.pass()
	w.pass()
	if es, _ := view.EnrolmentViews(w.r, false); len(es) != 1 || es[0].Contact != "noa@globex.example" {
		t.Errorf("%+v", es)
	}
	if ds := w.drafts(); len(ds) != 1 || !strings.HasPrefix(text(ds[0]), "Guten Tag Noa Levi,") {
		t.Errorf("%q", subjects(ds))
	}
}
