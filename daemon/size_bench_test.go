package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/door/shell"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/imports"
	"fifthcall/daemon/work/people"
)

// A desk of some years: four of five contacts are decision makers at firms of four or five people, the others candidates; ten touches each,
// spread over two years, one of four a conversation.
const touchesEach = 10

// sizedDesk opens a desk of n contacts on the engine of the product, with its callbacks planned.
func sizedDesk(tb testing.TB, n int) *Daemon {
	tb.Helper()
	cfg := testConfig(tb, tb.TempDir(), "sam", 1)
	cfg.Desks[0].CallbacksPerDay = 25
	dm, err := Open(cfg, Options{Clock: fixedClock(benchEnd)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = dm.Close() })
	fillSized(tb, dm, n, n)
	return dm
}

// fillSized gives a desk n contacts, with as many as live of whom there was something in the last two months.
func fillSized(tb testing.TB, dm *Daemon, n, live int) {
	tb.Helper()
	ctx, r := context.Background(), dm.desks[0]
	rng := rand.New(rand.NewPCG(uint64(n), 2))
	for from := 0; from < n; from += 250 {
		err := r.Update(ctx, func(tx *store.Tx, env desk.Env) error {
			for i := from; i < min(n, from+250); i++ {
				if err := putSized(tx, env, rng, i, i < live); err != nil {
					return err
				}
			}
			return tx.SetMark(desk.MarkStarted, "x")
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := people.PlanContacts(ctx, r, nil); err != nil {
		tb.Fatal(err)
	}
}

func putSized(tx *store.Tx, env desk.Env, rng *rand.Rand, i int, live bool) error {
	firm := i / 5
	addr := fmt.Sprintf("p%d@firm%d.example", i, firm)
	c := &desk.Contact{
		ID: desk.ContactID(addr), Emails: []string{addr}, Name: fmt.Sprintf("Pat Person-%d", i), Company: fmt.Sprintf("Firm %d", firm), Phone: fmt.Sprintf("+44 20 7%06d", i),
		Status: desk.StatusActive, Roles: []desk.Role{desk.RoleDecisionMaker}, DMSince: env.Now.AddDate(-2, 0, 0), Source: desk.SourceImport,
	}
	if i%5 == 4 {
		c.Roles, c.DMSince, c.Company = []desk.Role{desk.RoleCandidate}, time.Time{}, ""
	}
	if err := tx.PutContact(c); err != nil {
		return err
	}
	for k := range touchesEach {
		at := env.Now.Add(-time.Duration(rng.IntN(730*24*60)) * time.Minute)
		if !live {
			at = at.AddDate(0, -2, 0)
		}
		t := desk.Touch{Contact: c.ID, Email: addr, Time: at, Direction: desk.Out, Channel: desk.ChannelEmail, Kind: desk.KindTouch, Subject: fmt.Sprintf("About the vacancy, part %d", k), Source: desk.SourceMail}
		t.ID = desk.MailTouchID(fmt.Sprintf("m%d.%d@mail.example", i, k), c.ID)
		switch k % 4 {
		case 0:
			t.Channel, t.Kind, t.Outcome, t.Subject, t.Source, t.Note = desk.ChannelCall, desk.KindConversation, desk.OutcomeSpoke, "", desk.SourceImport, "wants two engineers next spring"
		case 1:
			t.Direction, t.Kind = desk.In, desk.KindReply
		}
		if err := tx.AddTouch(&t); err != nil {
			return err
		}
	}
	return nil
}

// answers are what is asked of a desk over and over.
var answers = []struct {
	name    string
	bounded bool // it is of the same size on a desk of any size
	ask     func(dm *Daemon, i int) error
}{
	{"today", true, func(dm *Daemon, _ int) error { return askAll(dm, "today", nil) }},
	{"page", false, func(dm *Daemon, _ int) error { _, err := page(dm.desks[0], benchEnd); return err }},
	{"report-month", false, func(dm *Daemon, _ int) error {
		return askAll(dm, "report", map[string]any{"Kind": "month"})
	}},
	{"report-all", false, func(dm *Daemon, _ int) error {
		return askAll(dm, "report", map[string]any{"Kind": "month", "Since": "2020-01-01"})
	}},
	{"contact-show", true, func(dm *Daemon, _ int) error {
		return askAll(dm, "contacts.show", map[string]any{"Who": "p7@firm1.example"})
	}},
	{"callbacks", false, func(dm *Daemon, _ int) error { return askAll(dm, "callbacks.list", nil) }},
	{"feed", false, func(dm *Daemon, _ int) error { _, _, err := agenda.Feed(dm.desks[0], benchEnd); return err }},
	{"log", true, func(dm *Daemon, i int) error {
		return askAll(dm, "log", map[string]any{"Text": fmt.Sprintf("p%d@firm%d.example left message", i%200, i%200/5)})
	}},
}

func askAll(dm *Daemon, op string, args any) error {
	raw, err := json.Marshal(args)
	if err != nil {
		return err
	}
	_, err = dm.Do(context.Background(), shell.Request{Op: op, Args: raw})
	return err
}

// BenchmarkAnswers measures what is asked of a young desk and of one that is twenty times larger.
func BenchmarkAnswers(b *testing.B) {
	sizes := []int{1000, 20000}
	if s, err := strconv.Atoi(os.Getenv("FIFTHCALL_CONTACTS")); err == nil {
		sizes = []int{s}
	}
	for _, n := range sizes {
		dm := sizedDesk(b, n)
		for _, a := range answers {
			b.Run(fmt.Sprintf("%s/%d", a.name, n), func(b *testing.B) {
				i := 0
				for b.Loop() {
					if err := a.ask(dm, i); err != nil {
						b.Fatal(err)
					}
					i++
				}
			})
		}
	}
}

// BenchmarkImportHistory measures history taken in, durable, against the time that the same lines take to be read and checked only.
func BenchmarkImportHistory(b *testing.B) {
	lines := 20_000
	if n, err := strconv.Atoi(os.Getenv("FIFTHCALL_LINES")); err == nil {
		lines = n
	}
	var file strings.Builder
	file.WriteString("date,kind,email,name,company,note\n")
	rng := rand.New(rand.NewPCG(7, 7))
	for i := range lines {
		p := rng.IntN(lines / 10)
		at := benchEnd.Add(-time.Duration(rng.IntN(900*24*60)) * time.Minute)
		fmt.Fprintf(&file, "%s,%s,p%d@firm%d.example,Pat Person-%d,Firm %d,said something useful %d\n", at.Format(time.RFC3339), []string{"spoke", "met", "left-message"}[i%3], p, p/5, p, p/5, i)
	}
	for b.Loop() {
		cfg := testConfig(b, b.TempDir(), "sam", 1)
		dm, err := Open(cfg, Options{Clock: fixedClock(benchEnd)})
		if err != nil {
			b.Fatal(err)
		}
		begun := time.Now()
		if _, err := imports.ImportHistory(context.Background(), dm.desks[0], imports.HistoryRequest{Data: file.String(), Dry: true}); err != nil {
			b.Fatal(err)
		}
		dry := time.Since(begun)
		begun = time.Now()
		if _, err := imports.ImportHistory(context.Background(), dm.desks[0], imports.HistoryRequest{Data: file.String()}); err != nil {
			b.Fatal(err)
		}
		took := time.Since(begun)
		b.ReportMetric(float64(lines)/took.Seconds(), "lines/s")
		b.ReportMetric(took.Seconds()/dry.Seconds(), "×dry-run")
		_ = dm.Close()
	}
}
