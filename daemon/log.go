package daemon

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// Logged says what came of one command.
type Logged struct {
	Ref     string `json:"ref"`
	Verb    string `json:"verb"`
	Contact string `json:"contact"` // address or name
	Next    string `json:"next"`    // the callback's slot, RFC 3339, "" for none
	Note    string `json:"note"`
	Said    string `json:"said"` // in a sentence
}

// logText applies what somebody wrote in the shell or on the page: all of it, or nothing if a part wasn't understood. It can be taken back with
// “undo”, there or in a mail to oneself.
func (r *runner) logText(ctx context.Context, text string, now time.Time) ([]Logged, error) {
	out, _, err := r.logOnce(ctx, "", text, now)
	return out, err
}

// logOnce is logText for words with an identity, which are taken once; again reports that they were before.
func (r *runner) logOnce(ctx context.Context, identity, text string, now time.Time) (out []Logged, again bool, err error) {
	rs := r.current()
	cmds := desk.ParseCommands(text, rs.grammar(now))
	if len(cmds) == 0 {
		return nil, false, usage("nothing to log in %q: say for example 'jane@acme.example spoke, call 2w'", text)
	}
	return r.sayAll(ctx, identity, cmds, now)
}

// sayAll applies what was said in the shell or on the page, and notes how to take it back.
func (r *runner) sayAll(ctx context.Context, identity string, cmds []desk.Command, now time.Time) (out []Logged, again bool, err error) {
	rs := r.current()
	err = r.updateAt(ctx, now, func(tx *store.Tx, env desk.Env) error {
		out = nil
		if identity != "" {
			if again, err = tx.Obeyed(identity); again || err != nil {
				return err
			}
			if err := tx.SetObeyed(identity, env.Now); err != nil {
				return err
			}
		}
		o := &obeying{in: &intake{r: r, rules: &rs, tx: tx, env: env}, journal: journalName(""), source: desk.SourceShell}
		for _, c := range cmds {
			if err := o.say(c); err != nil {
				return err
			}
		}
		for _, res := range o.results {
			out = append(out, res.logged)
		}
		if len(o.done.Changes) == 0 {
			return nil
		}
		return noteReply(tx, env, o.source, o.done.Changes...)
	})
	return out, again, err
}

// noteReply notes what was done at a door that isn't a mail, so that it can be taken back.
func noteReply(tx *store.Tx, env desk.Env, source string, changes ...change) error {
	n, err := tx.NextOrdinal()
	return errors.Join(err, appendReply(tx, journalName(""), reply{Identity: fmt.Sprintf("%s:%d", source, n), Time: env.Now.UTC(), Changes: changes}))
}

// say applies one line of the shell's; what a mail would be asked back for is an error here.
func (o *obeying) say(cmd desk.Command) error {
	cmd, _, err := o.leftPlaced(cmd)
	if err != nil {
		return err
	}
	switch cmd.Verb {
	case desk.VerbUnknown:
		return usage("not understood: %q: %s; nothing was logged", cmd.Line, cmd.Error)
	case desk.VerbHelp:
		return usage("%s", strings.Join(desk.Help(), "\n"))
	case desk.VerbUndo:
		err = o.undo(cmd)
	default:
		err = o.one(cmd, target{name: cmd.Ref})
	}
	if err == nil {
		err = o.problem
	}
	if err != nil {
		return err
	}
	if last := &o.results[len(o.results)-1]; last.asked != "" {
		return usage("%s; nothing was changed", last.asked)
	}
	for i := range o.results {
		if res := &o.results[i]; res.logged.Said == "" {
			res.logged = Logged{Ref: res.cmd.Ref, Verb: res.cmd.Verb, Said: res.said}
		}
	}
	return nil
}

// applier applies commands in a transaction.
type applier struct {
	tx      *store.Tx
	env     desk.Env
	planner *planner
	source  string
	naming  bool      // an unknown address is meant as it is, and makes a contact
	at      time.Time // when it happened; zero for now
	touched []string  // IDs of the touches added by the last command

	marks    []string       // set by the last command
	merged   string         // ID of the contact that it merged in
	order    int            // number of the job order that the last command opened or changed
	orderWas *desk.JobOrder // as it was before, nil for a new one

	ordersWas []desk.JobOrder // further ones that it changed, as they were

	r            *runner // whose letters and sequences count
	call         string  // UID of the further call that was spoken of
	letter       string  // ID of the letter that the last command was about
	letterWas    *desk.Outgoing
	interview    string // ID of the interview that it made or changed
	interviewWas *desk.Interview
	enrolled     string            // ID of the enrolment that it made
	ended        []*desk.Interview // interviews that it ended, as they were
	written      []string          // IDs of the letters that it wrote
	leads        []string          // IDs of the contacts that it made of leads
	leadsWas     []movedContact    // contacts known before that became leads
	handed       *handOver         // what it handed over
	withdrawn    []*desk.Outgoing  // letters that it took back, as they were
	stopped      []*desk.Enrolment // sequences that it ended, as they were
	light        string            // key of the company whose light it spoke of
	lightWas     *desk.LightWord   // what was said of it before
	placement    string            // ID of the placement that it made or changed
	placementWas *desk.Placement
}

// when is when what is told was written.
func (a *applier) when() time.Time {
	if a.at.IsZero() || a.at.After(a.env.Now) {
		return a.env.Now.UTC()
	}
	return a.at.UTC()
}

// grammar is how the desk's people write.
func (rs *rules) grammar(now time.Time) desk.Grammar {
	return desk.Grammar{Now: now, Zone: rs.zone, MonthFirst: rs.cfg.MonthFirst, Languages: rs.cfg.Languages}
}

func (a *applier) apply(cmd desk.Command) (Logged, error) {
	if cmd.Verb == desk.VerbContact {
		return a.addContact(cmd)
	}
	_, aboutOrder := desk.ParseOrderName(cmd.Ref)
	switch {
	case cmd.Verb == desk.VerbSpread:
		return a.spread(cmd)
	case aboutOrder:
		return a.sayOrder(cmd)
	case cmd.Verb == desk.VerbJobOrder && cmd.Ref == "":
		return a.openOrder(cmd, nil)
	}
	c, fresh, err := a.find(cmd.Ref)
	if err != nil {
		return Logged{}, err
	}
	return a.applyTo(cmd, c, fresh)
}

// applyTo applies a command to the contact that it is about.
func (a *applier) applyTo(cmd desk.Command, c *desk.Contact, fresh bool) (Logged, error) {
	a.touched, a.marks, a.merged, a.order, a.orderWas = nil, nil, "", 0, nil
	a.letter, a.letterWas, a.interview, a.interviewWas, a.enrolled, a.ended, a.written = "", nil, "", nil, "", nil, nil
	a.withdrawn, a.stopped = nil, nil
	a.light, a.lightWas, a.placement, a.placementWas, a.leads, a.handed, a.ordersWas, a.leadsWas = "", nil, "", nil, nil, nil, nil, nil
	more := ""
	if cmd.Verb == desk.VerbJobOrder {
		return a.openOrder(cmd, c)
	}
	ordinal, err := a.tx.NextOrdinal()
	if err != nil {
		return Logged{}, err
	}
	basis := fmt.Sprintf("cmd:%d", ordinal)
	a.tx.Shown()
	switch o := desk.Outcome(cmd.Verb); {
	case o.IsTouch():
		at := a.env.Now
		if !a.at.IsZero() {
			at = a.at
		}
		t := desk.Logged(c, o, at.UTC(), cmd.Note, cmd.Next, a.source, basis)
		t.Ordinal = ordinal
		a.touched = []string{t.ID}
		if err := a.tx.AddTouch(&t); err != nil {
			return Logged{}, err
		}
		if err = a.planner.plan(c); err == nil {
			err = a.planner.settleCalls(c, o, cmd.Next, a.call)
		}
		if err == nil {
			more, err = a.takeLeads(c, cmd.Note)
		}
		a.tx.Stir()
	case cmd.Verb == desk.VerbSnooze && !c.Callable():
		return Logged{}, usage("%s is not to be called (%s): nothing was moved; 'fifthcall contacts set %s --status active' changes that", c.DisplayName(), c.Status, handle(c))
	case cmd.Verb == desk.VerbSnooze:
		err = a.snooze(c, cmd, basis, ordinal)
	case cmd.Verb == desk.VerbDone:
		err = a.moveOn(c, desk.CallbackDone, basis, ordinal)
	case cmd.Verb == desk.VerbCancel:
		err = a.moveOn(c, desk.CallbackCancelled, basis, ordinal)
	case cmd.Verb == desk.VerbDoNotContact:
		err = a.setStatus(c, desk.StatusDoNotContact)
	case cmd.Verb == desk.VerbLeftCompany:
		c.AddNote(cmd.Note)
		if err = a.setStatus(c, desk.StatusLeft); err == nil {
			if more, err = a.leaves(c, cmd.Note); err == nil {
				err = askLeaver(a.tx, a.env, c)
			}
		}
	case cmd.Verb == desk.VerbRole:
		c.AddRole(desk.Role(cmd.Note), a.env.Now)
		if err = a.tx.PutContact(c); err == nil {
			err = a.planner.plan(c)
		}
	case cmd.Verb == desk.VerbNote:
		c.AddNote(cmd.Note)
		if err = a.tx.PutContact(c); err == nil {
			more, err = a.tellNote(c, cmd.Note)
		}
	case cmd.Verb == desk.VerbHandOver:
		more, err = a.handOver(c, nil, cmd.Note)
	case cmd.Verb == desk.VerbLight:
		more, err = a.sayLight(c, cmd.Note)
	case cmd.Verb == desk.VerbSubmitted:
		var o *desk.JobOrder
		if o, more, err = a.submit(c, cmd.Note); err == nil && a.r != nil {
			var earlier string
			earlier, err = a.r.colleagueSubmitted(c, o)
			more = strings.Trim(more+", "+earlier, ", ")
		}
	case cmd.Verb == desk.VerbMerge:
		err = a.merge(c, cmd.Note)
	case cmd.Verb == desk.VerbWaved:
		err = a.wave(c)
	case cmd.Verb == desk.VerbFact:
		err = a.fact(c, cmd.Note)
	case cmd.Verb == desk.VerbInterview && cmd.Next.IsZero() && offRE.MatchString(cmd.Note):
		var iv *desk.Interview
		if iv, err = a.upcoming(c); err == nil && iv == nil {
			err = usage("which interview of %s is off? Reply “cancel” to its number", c.DisplayName())
		}
		if err == nil {
			a.noteInterview(iv)
			iv.ByWord = true
			more, err = sayInterview(a.env, iv)+" is off", cancelInterview(a.tx, a.env, iv, "you said so")
		}
	case cmd.Verb == desk.VerbInterview:
		if clientSide(c) && !c.Has(desk.RoleCandidate) {
			client := c
			if c, err = a.candidateNamed(cmd.Note); err == nil && c == nil {
				err = usage("%s is a client: whose interview is it? Begin with the candidate's name or address", client.DisplayName())
			}
			if err != nil {
				return Logged{}, err
			}
		}
		more, err = a.tellInterview(c, cmd)
	case cmd.Verb == desk.VerbSequence:
		var e *desk.Enrolment
		if e, err = a.enrol(c, strings.TrimSpace(cmd.Note+" "+cmd.Next.Date.String()), desk.Date{}); err == nil {
			more = "begun " + e.Sequence + ", first step " + e.Next.In(a.env.Zone).Format("Mon 2 Jan, 15:04")
		}
	case cmd.Verb == desk.VerbOffer, cmd.Verb == desk.VerbPlaced, cmd.Verb == desk.VerbNotTaken, cmd.Verb == desk.VerbWithdrew:
		more, err = a.turn(c, cmd)
	case cmd.Verb == desk.VerbSend:
		err = usage("which letter? 'fifthcall letters send NAME --contact %s' writes one, 'fifthcall outbox list' shows those that wait", handle(c))
	default:
		return Logged{}, usage("%q can't be done yet; nothing was changed for %s", cmd.Verb, c.DisplayName())
	}
	if err != nil {
		return Logged{}, err
	}
	l, err := a.logged(cmd, c, fresh)
	if more != "" {
		l.Said += ", " + more
	}
	return l, err
}

var offRE = regexp.MustCompile(`(?i)^(cancel(?:l?ed)?|off|is off|called off|abgesagt)\b`)

// merge takes another contact into c.
func (a *applier) merge(c *desk.Contact, who string) error {
	b, err := findContact(a.tx, who)
	if err != nil {
		return err
	}
	if b.ID == c.ID {
		return usage("%s and %s are one contact already", c.DisplayName(), who)
	}
	a.merged = b.ID
	return mergeContacts(a.tx, a.env, c, b)
}

// wave notes that the mails of a contact need no answer.
func (a *applier) wave(c *desk.Contact) error {
	ts, err := a.tx.Touches(c)
	if err != nil {
		return err
	}
	for _, t := range desk.Unanswered(a.env, ts, func(desk.Touch) bool { return false }) {
		a.marks = append(a.marks, wavedMark(t.Thread))
		if err := a.tx.SetMark(wavedMark(t.Thread), a.env.Now.UTC().Format(time.RFC3339)); err != nil {
			return err
		}
	}
	return nil
}

func wavedMark(thread string) string { return "waved:" + desk.ShortHash(thread) }

// fact takes what was asked for about a person: a new address or number; anything else is a note.
func (a *applier) fact(c *desk.Contact, note string) error {
	if done, err := a.tellFee(c, note); done || err != nil {
		return err
	}
	word, rest, _ := strings.Cut(note, " ")
	rest = strings.TrimSpace(strings.TrimLeft(rest, ":= "))
	addr := mailbox.Canonical(rest)
	if addr == "" && !strings.EqualFold(strings.Trim(word, ":="), "number") { // it may be about the interview to come
		iv, err := a.upcoming(c)
		if err != nil {
			return err
		}
		if iv != nil {
			a.noteInterview(iv)
			next := copyInterview(iv)
			if _, err := a.setFact(next, note); err == nil {
				return changeInterview(a.tx, a.env, iv, next)
			}
			a.interview, a.interviewWas = "", nil
		}
	}
	switch strings.ToLower(strings.Trim(word, ":=")) {
	case "address":
		if addr == "" {
			break
		}
		if other, err := a.tx.ContactByEmail(addr); err != nil || other != nil && other.ID != c.ID {
			if err == nil {
				err = usage("%s belongs to %s already: say “merge” if they are one person", addr, other.DisplayName())
			}
			return err
		}
		c.Emails = append([]string{addr}, slices.DeleteFunc(slices.Clone(c.Emails), func(e string) bool { return e == addr })...)
		c.MailArrived(addr)
		if c.Status == desk.StatusBounced {
			c.Status = desk.StatusActive
		}
		if err := a.tx.PutContact(c); err != nil {
			return err
		}
		return errors.Join(a.tx.Want(addr), a.planner.plan(c), a.reachable(c))
	case "number":
		if len(digits(rest)) >= 6 {
			c.Phone = desk.Tidy(rest)
			if err := a.tx.PutContact(c); err != nil {
				return err
			}
			return a.reachable(c)
		}
	}
	c.AddNote(note)
	return a.tx.PutContact(c)
}

// spread moves what today has no room for over the coming weeks.
func (a *applier) spread(cmd desk.Command) (Logged, error) {
	cbs, err := a.tx.Callbacks()
	if err != nil {
		return Logged{}, err
	}
	d, err := a.planner.book()
	if err != nil {
		return Logged{}, err
	}
	moved := desk.SpreadOlder(a.env, cbs, d)
	if err := a.planner.put(moved); err != nil {
		return Logged{}, err
	}
	return Logged{Ref: cmd.Ref, Verb: cmd.Verb, Said: plural(len(moved), "older call") + " spread over the coming weeks"}, nil
}

func (a *applier) snooze(c *desk.Contact, cmd desk.Command, basis string, ordinal uint64) error {
	return a.planner.change(c, func(cur *desk.Callback, d *desk.Diary) *desk.Callback {
		w := desk.Want{
			Due: cmd.Next.Date, Rule: desk.RuleAgreed, Reason: "moved by you on " + a.env.Today().UTC().Format("Mon 2 Jan 2006"),
			Basis: basis, BasisTime: a.env.Now.UTC(), Ordinal: ordinal, Agreed: cmd.Next,
		}
		return desk.Move(a.env, c, w, cur, d)
	})
}

func (a *applier) moveOn(c *desk.Contact, status desk.CallbackStatus, basis string, ordinal uint64) error {
	ts, err := a.tx.Touches(c)
	if err != nil {
		return err
	}
	st, err := a.planner.standing(c)
	if err != nil {
		return err
	}
	return a.planner.change(c, func(cur *desk.Callback, d *desk.Diary) *desk.Callback {
		return desk.MoveOn(a.env, c, ts, st, cur, status, basis, ordinal, d)
	})
}

func (a *applier) setStatus(c *desk.Contact, s desk.Status) error {
	c.Status = s
	a.tx.Stir()
	if s == desk.StatusDoNotContact {
		if err := suppress(a.tx, c, "do not contact"); err != nil {
			return err
		}
	}
	if err := a.tx.PutContact(c); err != nil {
		return err
	}
	return a.planner.plan(c)
}

func (a *applier) logged(cmd desk.Command, c *desk.Contact, fresh bool) (Logged, error) {
	l := Logged{Ref: cmd.Ref, Verb: cmd.Verb, Contact: c.Email(), Note: cmd.Note}
	if l.Contact == "" {
		l.Contact = c.DisplayName()
	}
	cb, err := a.tx.Callback(c.ID)
	if err != nil {
		return l, err
	}
	said := []string{c.DisplayName() + ": " + cmd.Verb}
	if fresh {
		said = append(said, "a new contact")
	}
	if cb.Open() {
		l.Next = cb.Start.In(a.env.Zone).Format(time.RFC3339)
		said = append(said, "next call "+cb.Start.In(a.env.Zone).Format("Mon 2 Jan 2006, 15:04"))
		if cb.Flag != "" {
			said = append(said, cb.Flag)
		}
	}
	l.Said = strings.Join(said, ", ")
	return l, nil
}
