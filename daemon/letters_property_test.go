package daemon

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fifthcall/daemon/config"
	"fifthcall/daemon/door/outbox"
	"fifthcall/daemon/door/view"
	"fifthcall/mailbox/message"
)

// TestLettersProperty plays random orders of ticks, replies, bounces, absences, crashes, clock jumps, duplicate deliveries and
// invitations: every letter reaches the server at most once, none after what stops it, none outside its window.
func TestLettersProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		p := newLettersWorld(t, rt)
		steps := rapid.IntRange(8, 30).Draw(rt, "steps")
		for range steps {
			p.step()
			p.check()
		}
	})
}

// lettersWorld is a sending desk with prospects in a sequence and a candidate, and what has been done to them.
type lettersWorld struct {
	*world
	rt      *rapid.T
	people  []string
	stopped map[string]time.Time // since when nothing may go to somebody
	seen    int                  // letters looked at
	ids     map[string]bool
	hello   map[string]string // Message-ID of the recruiter's own first mail to somebody
	last    []byte            // a mail delivered before, to be delivered again
}

func newLettersWorld(t *testing.T, rt *rapid.T) *lettersWorld {
	w := sendingDesk(t, func(c *config.Config) { c.Desks[0].Letters.Mode = "auto" })
	p := &lettersWorld{world: w, rt: rt, stopped: map[string]time.Time{}, ids: map[string]bool{}, hello: map[string]string{}}
	for i := range 3 {
		addr := fmt.Sprintf("p%d@client%d.example", i, i)
		w.writeTo(fmt.Sprintf("Person Number%d <%s>", i, addr))
		p.hello[addr] = fmt.Sprintf("m%d@test", w.n)
		w.now = w.now.Add(2 * time.Second)
		if _, err := view.EnrolFromShell(context.Background(), w.r, "prospect", addr, ""); err != nil {
			rt.Fatal(err)
		}
		p.people = append(p.people, addr)
	}
	p.check()
	return p
}

func (p *lettersWorld) step() {
	who := rapid.SampledFrom(p.people).Draw(p.rt, "who")
	name := "Person <" + who + ">"
	switch rapid.SampledFrom([]string{"tick", "tick", "tick", "day", "day", "reply", "bounce", "away", "crash", "back", "again", "spoke", "na", "dnc", "pause", "meeting"}).Draw(p.rt, "step") {
	case "tick":
		p.now = p.now.Add(time.Duration(rapid.IntRange(1, 600).Draw(p.rt, "minutes")) * time.Minute)
	case "day":
		p.now = p.now.Add(time.Duration(rapid.IntRange(1, 9).Draw(p.rt, "days")) * 24 * time.Hour)
	case "reply":
		p.last = p.mail(name, "sam@firm.example", "Re: Hello", "No, thank you.")
		p.put("INBOX", p.last)
		p.stop(who)
	case "bounce":
		body, head := bounceOf(who, p.lastTo(who), "5.1.1", "User unknown")
		p.put("INBOX", p.mail("MAILER-DAEMON@firm.example", "sam@firm.example", "Undelivered Mail Returned to Sender", body, head...))
		p.pass()
		p.stop(who)
	case "away":
		p.last = p.mail(name, "sam@firm.example", "Automatic reply: Hello", "I am away until "+p.now.AddDate(0, 0, 5).Format("2 January 2006")+".", "Auto-Submitted: auto-replied")
		p.put("INBOX", p.last)
	case "crash": // in the middle of the outbox's work: what was begun is seen to its end after the restart
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = outbox.Deliver(ctx, p.r)
		p.restart(p.now.In(p.r.Current().Zone).Format(time.DateOnly), p.now.In(p.r.Current().Zone).Format("15:04"))
	case "back":
		p.now = p.now.Add(-time.Duration(rapid.IntRange(1, 90).Draw(p.rt, "minutes back")) * time.Minute)
	case "again":
		if p.last != nil {
			p.put("INBOX", p.last)
		}
	case "spoke":
		p.log(who + " spoke")
		p.stop(who)
	case "na":
		p.log(who + " na")
	case "dnc":
		p.log(who + " do not contact")
		p.stop(who)
	case "pause":
		on := rapid.Bool().Draw(p.rt, "paused")
		if _, err := view.PauseOutbox(context.Background(), p.r, on); err != nil {
			p.rt.Fatal(err)
		}
	case "meeting":
		start := p.now.AddDate(0, 0, 6)
		p.put("INBOX", p.invite(name, "m-"+who, "REQUEST", 0, start, "Coffee", "", "Sam <sam@firm.example>", name))
		p.stop(who)
	}
	p.pass()
	p.pass()
}

func (p *lettersWorld) stop(who string) {
	if _, known := p.stopped[who]; !known {
		p.stopped[who] = p.now
	}
}

func (p *lettersWorld) lastTo(who string) string {
	id := p.hello[who]
	for _, e := range p.submitted() {
		if e.To[0] == who {
			id = message.ParseWhole(e.Data).MessageID
		}
	}
	return id
}

// check looks at the letters that the server has taken since the last look.
func (p *lettersWorld) check() {
	out := p.submitted()
	for _, e := range out[min(p.seen, len(out)):] {
		m := message.ParseWhole(e.Data)
		key := e.To[0] + " " + m.Subject
		if p.ids[m.MessageID] || p.ids[key] {
			p.rt.Fatalf("twice: %s", key)
		}
		p.ids[m.MessageID], p.ids[key] = true, true
		if at, stopped := p.stopped[e.To[0]]; stopped {
			p.rt.Fatalf("%s left to %s, who had stopped it at %s; now %s", m.Subject, e.To[0], at, p.now)
		}
		local := p.now.In(p.r.Current().Zone)
		if h := local.Hour(); h < 8 || h >= 17 || local.Weekday() == time.Saturday || local.Weekday() == time.Sunday {
			p.rt.Fatalf("%s left on %s, outside its window", m.Subject, local.Format("Mon 15:04"))
		}
	}
	p.seen = len(out)
	all, err := view.Outbox(p.r)
	if err != nil {
		p.rt.Fatal(err)
	}
	for _, o := range all {
		if strings.HasPrefix(o.Letter, "prospect") && o.State == "data" {
			p.rt.Fatalf("left in the middle: %+v", o)
		}
	}
}
