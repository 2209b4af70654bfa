package daemon

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/command"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/intake"
	"fifthcall/daemon/seal"
	"fifthcall/daemon/store"
	"fifthcall/mailbox/mailtest"
)

// matrixLines say each verb in a way that does something on a matrixDesk; WHO is left out where the door names the person itself.
var matrixLines = map[string]string{
	"spoke": "jane@acme.example spoke, keen, call 3w", "left-message": "jane@acme.example vm", "no-answer": "jane@acme.example na",
	"emailed": "jane@acme.example emailed", "messaged": "jane@acme.example messaged", "met": "jane@acme.example met",
	"no-show": "jane@acme.example no show", "not-interested": "jane@acme.example not interested", "wrong-number": "jane@acme.example wrong number",
	"prepped": "li@post.example prepped", "debriefed": "li@post.example debriefed", "snooze": "jane@acme.example call 16 march 10am",
	"call-back": "tom@globex.example call back", "dismissed": "jane@acme.example dismissed", "done": "jane@acme.example done", "cancel": "jane@acme.example cancel", "do-not-contact": "jane@acme.example do not contact",
	"left-company": "jane@acme.example left company", "role": "jane@acme.example hr", "note": "jane@acme.example note likes golf",
	"hand-over": "jane@acme.example hand over to kim", "light": "jane@acme.example amber waiting for the budget", "merge": "jane@acme.example merge tom@globex.example",
	"waved": "jane@acme.example no answer needed", "fact": "jane@acme.example number +44 20 7946 0018", "submitted": "li@post.example submitted JO1",
	"interview": "li@post.example interview thu 3pm phone with Dana Reed", "offer": "li@post.example offer", "placed": "li@post.example placed JO2, start 1 april",
	"not-taken": "li@post.example not taken for JO2", "withdrew": "li@post.example withdrew", "sequence": "tom@globex.example sequence prospect", "send": "jane@acme.example send",
	"job-order": "jane@acme.example job: Plumber", "order": "JO2 fee 25%", "contact": "new: Bo Lee <bo@x.example>, Initech, client", "spread": "spread older",
}

// matrixDesk is a desk on Tuesday, 3 March 2026, 10:20, with a client, a candidate submitted and to be interviewed, a prospect, two orders.
func matrixDesk(t *testing.T) *world {
	w := interviewDesk(t)
	w.put("INBOX", w.invite(jane, "i1@acme", "REQUEST", 0, time.Date(2026, 3, 12, 15, 0, 0, 0, time.UTC), "Interview Li Sato", "https://meet.example/j/1", "Sam <sam@firm.example>", li))
	w.pass()
	w.writeTo("Tom Reed <tom@globex.example>")
	w.log("tom@globex.example client")
	w.log("jane@acme.example call 9 march 10am")
	w.put("INBOX", w.mail(jane, "sam@firm.example", "A question", "When?"))
	w.at("2026-03-03", "07:30")
	w.pass()
	w.pass()
	w.at("2026-03-03", "10:10")
	w.log("jane@acme.example job: Welder")
	w.log("jane@acme.example job: Fitter")
	w.log("li@post.example submitted JO2")
	w.at("2026-03-03", "10:20")
	w.pass()
	return w
}

// dump is everything that a command can change; what says only when and how often something was touched, and the traces that calendars need
// of what was there for a while, are left out.
func (w *world) dump() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	err := w.r.State.View(func(tx *store.Tx) error {
		return tx.EachRecord(func(key string, value []byte) error {
			if slices.Contains([]string{"n", "v", "x", "i", "f", "q", "m"}, key[:1]) || key[:1] == "s" && !strings.HasPrefix(key, "swaved:") ||
				slices.ContainsFunc([]string{"jjournal:", "jhandover:", "japp-passwords", "jpublished", "jdav"}, func(p string) bool { return strings.HasPrefix(key, p) }) {
				return nil
			}
			text := string(value)
			var rec map[string]any
			if json.Unmarshal(value, &rec) == nil {
				state := fmt.Sprint(rec["status"], " ", rec["state"])
				made := key[:1] == "p" || key[:1] == "k" || key[:1] == "o" || key[:1] == "e" || key[:1] == "l"
				if made && (strings.Contains(state, "cancelled") || strings.Contains(state, "stopped") || strings.Contains(state, "withdraw")) || rec["kind"] == "echo" {
					return nil
				}
				for _, volatile := range []string{"sequence", "modified", "version", "edition", "moved", "confirmed", "off", "basis_time", "next", "tries", "draft", "state"} {
					if key[:1] != "l" || volatile != "sequence" {
						delete(rec, volatile)
					}
				}
				if cause := fmt.Sprint(rec["cause"]); key[:1] == "o" && rec["cause"] != nil { // which letter it is, and not which copy of it
					key, rec = "o "+cause, map[string]any{"letter": rec["letter"], "contact": rec["contact"], "subject": rec["subject"]}
				}
				b, err := json.Marshal(rec)
				if err != nil {
					return err
				}
				text = string(b)
			}
			out[key] = text
			return nil
		})
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// differences of two dumps, one a line.
func differences(a, b map[string]string) (out []string) {
	for _, k := range slices.Sorted(maps.Keys(a)) {
		if b[k] != a[k] {
			out = append(out, fmt.Sprintf("%q\n   before %s\n   after  %s", k, a[k], b[k]))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(b)) {
		if _, ok := a[k]; !ok {
			out = append(out, fmt.Sprintf("%q\n   new    %s", k, b[k]))
		}
	}
	return out
}

// journal is the identity of the latest answer that changed something.
func (w *world) journal() string {
	w.t.Helper()
	var all []desk.Reply
	err := w.r.State.View(func(tx *store.Tx) (err error) {
		all, err = command.Journal(tx, desk.JournalName(""))
		return err
	})
	if err != nil || len(all) == 0 {
		w.t.Fatal(len(all), err)
	}
	return all[len(all)-1].Identity
}

// door is a way to say something; it gives what was answered, and whether it was asked back.
type door struct {
	name  string
	say   func(w *world, line string) (answer string, asked bool)
	skips func(verb, line string) bool
}

// doors are the ways by which words come in.
func doors() []door {
	written := time.Date(2026, 3, 2, 12, 45, 0, 0, time.UTC)
	mail := func(w *world, line string) (string, bool) {
		before, news := len(w.inbox()), len(w.news())
		written = written.Add(15 * time.Minute) // the same words within ten minutes are one answer
		w.n++
		w.put("Sent", mailtest.Head{From: "sam@firm.example", To: "sam+log@firm.example", Subject: "note", ID: fmt.Sprintf("m%d@test", w.n), Date: written}.Mail(line+"\r\n"))
		w.pass()
		answer := ""
		if ms := w.inbox(); len(ms) > before {
			answer = text(ms[len(ms)-1])
		}
		all := w.news()
		return answer + strings.Join(all[min(news, len(all)):], "\n"), strings.Contains(strings.ToLower(answer), "not understood")
	}
	shell := func(w *world, line string) (string, bool) {
		out, err := command.LogText(w.t.Context(), w.r, line, w.now)
		if err != nil {
			return err.Error(), true
		}
		said := ""
		for _, l := range out {
			said += l.Said
		}
		return said, false
	}
	once := 0
	page := func(w *world, line string) (string, bool) {
		once++
		said, ok, err := (feedSource{w.Daemon}).Say(seal.Token(w.Daemon.key, "page", w.r.Name), fmt.Sprint("m", once), line)
		if err != nil || !ok {
			w.t.Fatal(ok, err)
		}
		all := strings.Join(said, "\n")
		return all, strings.HasPrefix(all, "Nothing was changed")
	}
	calendar := func(w *world, line string) (string, bool) {
		if strings.HasPrefix(line, "undo") {
			return shell(w, line)
		}
		who, said, _ := strings.Cut(line, " ")
		dav := w.calendarOf()
		event := map[string]string{"jane@acme.example": "Jane Miller", "li@post.example": "Prep call", "tom@globex.example": "Tom Reed"}[who]
		before := len(w.news())
		w.now = w.now.Add(time.Minute)
		if res := dav.change(dav.find(event), noted(said)); res.StatusCode/100 != 2 {
			w.t.Fatal(res.Status)
		}
		all := w.news()
		answer := strings.Join(all[min(before, len(all)):], "\n")
		return answer, strings.Contains(answer, "was not done")
	}
	return []door{
		{"mail", mail, nil}, {"shell", shell, nil}, {"page", page, nil},
		{"calendar", calendar, func(_, line string) bool { // an event is about somebody, and Tom has none
			who, _, _ := strings.Cut(line, " ")
			return !strings.Contains(who, "@") || strings.HasPrefix(who, "tom@")
		}},
	}
}

// TestDoorsAndVerbs says every verb through every door: it is applied, or asked back with nothing changed; it is answered, journalled, and
// taken back whole.
func TestDoorsAndVerbs(t *testing.T) {
	for _, v := range command.Verbs() {
		if matrixLines[v] == "" {
			t.Errorf("the verb %q is not tried", v)
		}
	}
	for _, d := range doors() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			w := matrixDesk(t)
			for _, verb := range slices.Sorted(maps.Keys(matrixLines)) {
				line := matrixLines[verb]
				if d.skips != nil && d.skips(verb, line) {
					continue
				}
				before, noted := w.dump(), w.journal()
				answer, asked := d.say(w, line)
				did := differences(before, w.dump())
				switch {
				case strings.TrimSpace(answer) == "":
					t.Errorf("%s: no answer to %q", verb, line)
				case asked && len(did) > 0:
					t.Errorf("%s: asked back (%s), and yet\n%s", verb, answer, strings.Join(did, "\n"))
				case asked:
					continue
				case len(did) == 0 && verb != "spread":
					t.Errorf("%s: nothing was done for %q: %s", verb, line, answer)
				case w.journal() == noted:
					t.Errorf("%s: not journalled", verb)
				}
				if answer, asked := d.say(w, "undo"); asked {
					t.Errorf("%s: can't be taken back: %s", verb, answer)
				}
				if left := differences(before, w.dump()); len(left) > 0 {
					t.Errorf("%s: left behind by undo:\n%s", verb, strings.Join(left, "\n"))
				}
			}
		})
	}
}

// TestFoldersTakenBack moves a mail into every folder whose name is a command: it is applied, told, journalled, and taken back whole; the
// mails that were logged since somebody is a contact stay.
func TestFoldersTakenBack(t *testing.T) {
	for _, f := range intake.VerbFolders {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withVerbs)
			w.restart("2026-03-02", "12:30")
			w.writeTo(jane)
			w.put("INBOX", w.mail(jane, "sam@firm.example", "A vacancy", "Call me"))
			w.pass()
			before, noted := w.dump(), len(w.news())
			w.move("INBOX", f.Name)
			w.pass()
			w.now = w.now.Add(61 * time.Second)
			w.pass()
			did := differences(before, w.dump())
			if len(did) == 0 || len(w.news()) == noted {
				t.Fatalf("%d changes, told %q", len(did), w.news())
			}
			w.log("undo")
			after := w.dump()
			for k := range after { // where the mail came from, and how far it is on its way back
				if strings.HasPrefix(k, "jmoved") || strings.HasPrefix(k, "jat:") {
					delete(after, k)
				}
			}
			if left := differences(before, after); len(left) > 0 {
				t.Errorf("left behind by undo:\n%s", strings.Join(left, "\n"))
			}
		})
	}
}
