package morning

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/door/watch"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/seal"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/agency"
	"fifthcall/daemon/work/orders"
	"fifthcall/daemon/work/people"
)

// Marks of the morning mail.
const (
	markMorning       = "morning"        // the date of the latest one
	markMorningWanted = "morning.wanted" // the date of one that was held up while the daemon ran
)

// Morning queues the morning mail when it is due: in one transaction with the mark that keeps
// it from being written twice.
func Morning(ctx context.Context, r *book.Runner, now time.Time, ready bool) error {
	rs := r.Current()
	if !rs.Cfg.Morning.Send {
		return nil
	}
	at, err := calendar.ParseClock(rs.Cfg.Morning.At)
	if err != nil {
		return err
	}
	var last, wanted desk.Date
	err = r.State.View(func(tx *store.Tx) error {
		for mark, d := range map[string]*desk.Date{markMorning: &last, markMorningWanted: &wanted} {
			s, err := tx.Mark(mark)
			if err == nil {
				err = d.UnmarshalText([]byte(s))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	env := r.Env(now)
	// Who was running before noon owes the mail also later: after a sleep, or a journey east.
	owed := wanted == env.Today() || watch.Snapshot(r).Started.Before(env.Today().At(12, 0, env.Zone))
	if err != nil || !desk.MorningDue(env, at/60, at%60, last, owed) {
		return err
	}
	if !ready { // the mailbox has not been read yet: as soon as it has
		if wanted == env.Today() {
			return nil
		}
		return r.UpdateAt(ctx, now, func(tx *store.Tx, env desk.Env) error { return tx.SetMark(markMorningWanted, env.Today().String()) })
	}
	st := watch.Snapshot(r)
	err = r.UpdateAt(ctx, now, func(tx *store.Tx, env desk.Env) error { return settleSuspicions(tx, env, st.LastRead[st.Sent]) })
	if err != nil {
		return err
	}
	return r.UpdateAt(ctx, now, func(tx *store.Tx, env desk.Env) error {
		if done, err := tx.Mark(markMorning); done == env.Today().String() || err != nil {
			return err // another round was quicker
		}
		if err := withdrawOld(tx, env); err != nil {
			return err
		}
		b, err := newBrief(r, tx, env)
		if err != nil {
			return err
		}
		if err := r.Issue(tx, env, &book.OutgoingPage{Kind: desk.KindMorning, Subject: b.subject(env), Page: b.page(env), Items: b.items}); err != nil {
			return err
		}
		for _, n := range b.news {
			n.Told = env.Today()
			if err := tx.PutNews(n); err != nil {
				return err
			}
		}
		return tx.SetMark(markMorning, env.Today().String())
	})
}

// withdrawOld takes back morning mails that never went out, so that two don't come at once: what they
// told is told again.
func withdrawOld(tx *store.Tx, env desk.Env) error {
	all, err := tx.Outgoing()
	if err != nil {
		return err
	}
	for i := range all {
		o := &all[i]
		if o.Kind != desk.KindMorning || o.State != desk.OutQueued && o.State != desk.OutSending {
			continue
		}
		if err := tx.DropOutgoing(o.ID); err != nil {
			return err
		}
		told := desk.DateOf(o.Created.In(env.Zone))
		news, err := tx.News()
		if err != nil {
			return err
		}
		for _, n := range news {
			if n.Told == told {
				n.Told = env.Today() // this one tells it
				if err := tx.PutNews(n); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// brief is what a day asks for.
type brief struct {
	deskName   string
	callbacks  []letter.Item
	surplus    int
	unanswered []letter.Item
	asks       []letter.Item
	understood []string
	hints      []string
	trouble    []string
	logHint    string // "" where the log has an address of its own
	pace       desk.Pace
	interviews []letter.Item
	letters    []letter.Item
	sales      []letter.Section
	tally      []string
	orders     []string // the open ones, a line each
	week       []string // figures, on Fridays
	month      []string // and on a month's last working day
	red        []letter.Item
	agency     []string // of a lead's mail: all desks
	clients    []string // each client's last quarter, as it begins

	due     []dueCall // of callbacks
	waiting []waiting // of unanswered

	items []desk.IssuedItem
	news  []desk.News // told by this mail
}

// dueCall is a callback of the day.
type dueCall struct {
	callback desk.Callback
	contact  *desk.Contact
}

// waiting is a mail that waits for an answer.
type waiting struct {
	contact *desk.Contact
	mail    desk.Touch
}

// The most items of a kind in one mail; the rest is told as a number.
const (
	mostUnanswered = 10
	mostAsks       = 10
	mostForged     = 3
)

// newBrief gathers the day's items and numbers them.
func newBrief(r *book.Runner, tx *store.Tx, env desk.Env) (*brief, error) {
	b := &brief{deskName: r.Name}
	if rs := r.Current(); rs.LogBySubject() {
		b.logHint = "To log a mail, forward it to " + rs.Cfg.LogAddress + " with [fc-" + seal.LogToken(r.Key, r.Name, env.Now) + "] in the subject."
	}
	if err := briefCallbacks(r, tx, env, b); err != nil {
		return nil, err
	}
	if err := briefSales(r, tx, env, b); err != nil {
		return nil, err
	}
	if err := briefPeople(r, tx, env, b); err != nil {
		return nil, err
	}
	if err := briefInterviews(r, tx, env, b); err != nil {
		return nil, err
	}
	if err := briefOrders(r, tx, env, b); err != nil {
		return nil, err
	}
	if err := briefReports(r, tx, env, b); err != nil {
		return nil, err
	}
	if err := briefAgency(r, env, b); err != nil {
		return nil, err
	}
	if err := briefLetters(r, tx, env, b); err != nil {
		return nil, err
	}
	news, err := tx.News()
	if err != nil {
		return nil, err
	}
	forged := 0
	for _, n := range news {
		if !n.Told.IsZero() && n.Told != env.Today() {
			continue
		}
		if strings.HasPrefix(n.ID, string(store.Suspicions)) {
			if forged++; forged > mostForged {
				b.news = append(b.news, n)
				continue
			}
		}
		b.tell(n)
	}
	if forged > mostForged {
		b.trouble = append(b.trouble, fmt.Sprintf("and %d more such mails", forged-mostForged))
	}
	q, err := tx.Quarantined()
	if err != nil {
		return nil, err
	}
	if len(q) > 0 {
		b.trouble = append(b.trouble, view.QuarantineText(q))
	}
	if t := watch.TroubleText(r); t != "" {
		b.trouble = append(b.trouble, t)
	}
	unread, err := agenda.BusyTrouble(r, tx, env)
	if err != nil {
		return nil, err
	}
	b.trouble = append(b.trouble, unread...)
	if rs := r.Current(); rs.Broken != "" {
		b.trouble = append(b.trouble, "some of your letters can't be used: "+desk.Shorten(strings.ReplaceAll(rs.Broken, "\n", "; "), 500)+" ('fifthcall letters check')")
	}
	if paused, err := tx.Mark(desk.MarkPaused); err == nil && paused != "" {
		b.hints = append(b.hints, "letters are paused: 'fifthcall outbox pause --off' lets them go on")
	}
	return b, nil
}

func (b *brief) number(kind desk.ItemKind, contact, thread, head string) int {
	n := len(b.items) + 1
	if r := []rune(head); len(r) > 16 { // as much as no quoting breaks
		head = string(r[:16])
	}
	b.items = append(b.items, desk.IssuedItem{N: n, Kind: kind, Contact: contact, Thread: thread, Head: strings.TrimSpace(head)})
	return n
}

// tell puts news into their section.
func (b *brief) tell(n desk.News) {
	switch n.Kind {
	case desk.NewsAsk:
		if len(b.asks) >= mostAsks {
			return // it stays untold, and comes tomorrow
		}
		b.asks = append(b.asks, letter.Item{N: b.number(desk.ItemAsk, n.Contact, "", n.Text), Head: n.Text})
		b.items[len(b.items)-1].Held, b.items[len(b.items)-1].Call = n.Held, n.Call
	case desk.NewsUnderstood:
		b.understood = append(b.understood, n.Text)
	case desk.NewsTrouble:
		b.trouble = append(b.trouble, n.Text)
	default:
		b.hints = append(b.hints, n.Text)
	}
	b.news = append(b.news, n)
}

// briefCallbacks lists the callbacks of today, as the morning's rolling leaves them.
func briefCallbacks(r *book.Runner, tx *store.Tx, env desk.Env, b *brief) error {
	sliding, err := tx.OpenCallbacks()
	if err != nil {
		return err
	}
	open, err := book.OpenOnes(tx)
	if err != nil {
		return err
	}
	moved, surplus := desk.Roll(env, sliding, desk.OpenDiary(env, open))
	b.surplus = surplus
	midnight := env.Today().At(0, 0, env.Zone)
	for _, cb := range desk.Between(open, midnight, env.Today().AddDays(1).At(0, 0, env.Zone)) {
		moved = append(moved, *cb)
	}
	desk.SortCallbacks(moved)
	bg, err := orders.Background(r, tx, env)
	if err != nil {
		return err
	}
	late := desk.LateCount(sliding)
	for i := range moved {
		cb := &moved[i]
		c, err := tx.Contact(cb.Contact)
		if err != nil {
			return err
		}
		if c == nil {
			continue
		}
		ts, err := tx.Touches(c)
		if err != nil {
			return err
		}
		it := callbackItem(env, bg, cb, c, ts)
		spoke, err := agency.ColleagueSpoke(r, c, env.Now)
		if err != nil {
			return err
		}
		if spoke != "" {
			it.Lines = append(it.Lines, spoke)
		}
		it.N = b.number(desk.ItemCallback, c.ID, "", it.Head)
		if cb.Cause != "" {
			b.items[len(b.items)-1].Call = cb.UID
		}
		b.callbacks = append(b.callbacks, it)
		b.due = append(b.due, dueCall{*cb, c})
	}
	if late > 0 {
		b.trouble = append(b.trouble, strconv.Itoa(late)+" callbacks lie after the day they are due, because the days before are full: raise callbacks_per_day, or take people off the cycle")
	}
	return nil
}

func callbackItem(env desk.Env, bg *desk.Background, cb *desk.Callback, c *desk.Contact, ts []desk.Touch) letter.Item {
	it := letter.Item{Head: c.DisplayName(), Phone: c.Phone}
	if c.Company != "" {
		it.Head += ", " + c.Company
	}
	if cb.Cause != "" {
		it.Head = desk.CallTitle(cb, c)
	}
	why := cb.Start.In(env.Zone).Format("15:04") + " · " + cb.Reason
	if age := cb.Age(env.Today()); age != "" {
		why += " (" + age + ")"
	}
	it.Lines = append(it.Lines, why)
	if cb.Flag != "" {
		it.Lines = append(it.Lines, cb.Flag)
	}
	about, asks := bg.About(env, c, ts)
	it.Lines = append(it.Lines, about...)
	if note := lastNote(env, c, ts); note != "" {
		it.Lines = append(it.Lines, note)
	}
	if qs := desk.CallQuestions(cb.Rule); len(qs) > 0 {
		it.Lines = append(it.Lines, qs...)
	} else if len(asks) > 0 {
		it.Lines = append(it.Lines, "Ask: "+strings.Join(asks[:min(len(asks), 2)], " "))
	}
	if c.Phone == "" && c.Email() != "" {
		it.Lines = append(it.Lines, c.Email())
	}
	return it
}

// lastNote is the latest word noted about a contact.
func lastNote(env desk.Env, c *desk.Contact, ts []desk.Touch) string {
	for i := len(ts) - 1; i >= 0; i-- {
		if ts[i].Note != "" && ts[i].Outcome != desk.OutcomeUndelivered {
			return desk.Shorten("“"+ts[i].Note+"” ("+desk.DateOf(ts[i].Time.In(env.Zone)).Bare()+")", 300)
		}
	}
	if n := len(c.Notes); n > 0 {
		return desk.Shorten("“"+c.Notes[n-1]+"”", 300)
	}
	return ""
}

// briefPeople looks for mail without an answer, and for the pace of first conversations.
func briefPeople(r *book.Runner, tx *store.Tx, env desk.Env, b *brief) error {
	spoken, err := tx.SpokenSince(env.Now.Add(-paceWindow))
	if err != nil {
		return err
	}
	for _, c := range spoken {
		if !c.Has(desk.RoleDecisionMaker) {
			continue
		}
		h, err := tx.History(c)
		if err != nil {
			return err
		}
		b.pace.Count(env, h.FirstSpoke, c.Known(h.Touches))
	}
	if b.pace.Base, err = tx.SpokenTo(desk.RoleDecisionMaker); err != nil {
		return err
	}
	replied, err := tx.RepliedSince(env.Now.Add(-desk.UnansweredWindow))
	if err != nil {
		return err
	}
	for _, c := range replied {
		h, err := tx.History(c)
		if err != nil {
			return err
		}
		recent := h.From(env.Now.Add(-desk.UnansweredWindow))
		for _, t := range desk.Unanswered(env, recent, func(t desk.Touch) bool { return people.Waved(r, tx, t) }) {
			b.waiting = append(b.waiting, waiting{c, t})
		}
	}
	slices.SortStableFunc(b.waiting, func(x, y waiting) int { return x.mail.Time.Compare(y.mail.Time) })
	for i, w := range b.waiting {
		if i == mostUnanswered {
			b.unanswered = append(b.unanswered, letter.Item{Head: fmt.Sprintf("and %d more", len(b.waiting)-i)})
			break
		}
		days := env.Today().DaysSince(desk.DateOf(w.mail.Time.In(env.Zone)))
		head := w.contact.DisplayName() + ": " + cmp.Or(desk.Shorten(desk.Tidy(w.mail.Subject), 120), "(no subject)")
		b.unanswered = append(b.unanswered, letter.Item{
			N: b.number(desk.ItemUnanswered, w.contact.ID, w.mail.Thread, head), Head: head, Phone: w.contact.Phone,
			Lines: []string{fmt.Sprintf("since %s (%s)", desk.SayInstant(w.mail.Time, env.Zone), desk.Plural(days, "day"))},
		})
	}
	return nil
}

// paceWindow is how far back first conversations are told.
const paceWindow = 35 * 24 * time.Hour

func (b *brief) subject(env desk.Env) string {
	day := env.Today().Near()
	if len(b.callbacks) == 0 {
		return day + ": nobody to call"
	}
	names := make([]string, 0, 3)
	for _, it := range b.callbacks[:min(3, len(b.callbacks))] {
		name, _, _ := strings.Cut(it.Head, ",")
		names = append(names, name)
	}
	s := day + ": " + desk.Plural(len(b.callbacks), "call") + " – " + strings.Join(names, ", ")
	if len(b.callbacks) > 3 {
		s += " …"
	}
	return s
}
