package interviews

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	letterswork "fifthcall/daemon/work/letters"
)

// ChangeInterview stores another version of an interview. Its letters and calls follow by themselves (round): what waits is
// written anew, what has gone is corrected.
func ChangeInterview(tx *store.Tx, env desk.Env, cur, next *desk.Interview) error {
	next.Modified = env.Now.UTC()
	back := cur.Status == desk.InterviewCancelled && next.Status != desk.InterviewCancelled
	next.Version, next.Moved = cur.Version, cur.Moved
	if !cur.SameMeeting(next) || back || cur.Candidate != next.Candidate {
		next.Version = cur.Version + 1
		next.Confirmed = env.Now.UTC()
		if !cur.Start.Equal(next.Start) || back || cur.Candidate != next.Candidate {
			next.Moved = next.Version
		}
	}
	next.Edition = cur.Edition + 1
	return tx.PutInterview(next)
}

// CancelInterview takes back everything planned for an interview, and says what had gone out already.
func CancelInterview(tx *store.Tx, env desk.Env, iv *desk.Interview, why string) error {
	iv.Status, iv.Modified, iv.Question = desk.InterviewCancelled, env.Now.UTC(), ""
	iv.Version++
	iv.Off = iv.Version
	if err := tx.PutInterview(iv); err != nil {
		return err
	}
	gone, err := letterswork.GoneLetters(tx, iv)
	if err != nil {
		return err
	}
	text := desk.SayInterview(env, iv) + " is off: " + why + "."
	text = strings.ToUpper(text[:1]) + text[1:]
	kind := desk.NewsUnderstood
	if len(gone) > 0 {
		kind, text = desk.NewsTrouble, text+" "+letterswork.SayGone(tx, env, gone)+"."
	}
	return tx.AddNews(desk.News{ID: fmt.Sprintf("off-%s-%d", iv.ID, iv.Version), Time: env.Now, Kind: kind, Contact: iv.Candidate, Text: text})
}

// Advance brings every interview on: who the candidate is, whether it took place, its calls, and the letters that are due. What
// was never settled is forgotten a month after it was to be.
func Advance(rd *book.Tx) error {
	all, err := rd.Tx.Interviews()
	if err != nil {
		return err
	}
	for i := range all {
		iv := &all[i]
		over := rd.Env.Now.Sub(iv.End)
		switch {
		case iv.Status == desk.InterviewAsked && over > forgetAsked:
			err = rd.Tx.DropInterview(iv.ID)
		case iv.Status == desk.InterviewAsked:
			err = settle(rd, iv)
		}
		if err == nil && over < oldInterview && (iv.Active() || iv.Status == desk.InterviewMissed) {
			err = interview(rd, iv)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// From when on nothing follows from an interview any more, and one that was never settled is forgotten.
const (
	oldInterview = 120 * 24 * time.Hour
	forgetAsked  = 30 * 24 * time.Hour
)

// settle takes up an interview whose candidate is known by now: one of those on the invitation became one. A name in the title alone
// is not enough, that is the recruiter's to say.
func settle(rd *book.Tx, iv *desk.Interview) error {
	if iv.Candidate != "" {
		return nil
	}
	var hit *desk.Contact
	for _, addr := range iv.People {
		c, err := rd.Tx.ContactByEmail(addr)
		if err != nil {
			return err
		}
		if c == nil || !c.Has(desk.RoleCandidate) || desk.ClientSide(c) || hit != nil && hit.ID == c.ID {
			continue
		}
		if hit != nil {
			return nil
		}
		hit = c
	}
	if hit == nil {
		return nil
	}
	iv.Settle(hit)
	return rd.Tx.PutInterview(iv)
}

func interview(rd *book.Tx, iv *desk.Interview) error {
	c, err := rd.Tx.Contact(iv.Candidate)
	if err != nil || c == nil {
		return err
	}
	ts, err := rd.Tx.Touches(c)
	if err != nil {
		return err
	}
	if iv.Attend(rd.Env, ts) {
		if err := rd.Tx.PutInterview(iv); err != nil {
			return err
		}
	}
	letters, err := rd.Tx.LettersFor(desk.CauseInterview, iv.ID)
	if err != nil {
		return err
	}
	for _, s := range iv.Plan(rd.Env, whens(rd, c), zoneOf(c, iv, rd.Env.Zone), desk.LastConversation(ts)) {
		if s.Letter == "" {
			err = planCall(rd, iv, c, s)
		} else {
			err = planLetter(rd, iv, c, s, letters)
		}
		if err != nil {
			return err
		}
	}
	return correction(rd, iv, c, letters)
}

// zoneOf is where the candidate reads of the interview: at home, else where the invitation is, else where the desk is.
func zoneOf(c *desk.Contact, iv *desk.Interview, def *time.Location) *time.Location {
	return desk.ContactZone(c, iv.Location(def))
}

// whens are the times that the desk's letters name.
func whens(rd *book.Tx, c *desk.Contact) desk.Whens {
	rs := rd.R.Current()
	out := desk.Whens{}
	lang := config.Language(c, &rs)
	for _, n := range rs.Letters.Names() {
		if t := rs.Letters.Get(n, lang); t != nil && !t.When.IsZero() {
			out[n] = t.When
		}
	}
	return out
}

// planCall sets a call of the plan, or moves it to where the interview has moved. One that was made, or that the recruiter closed,
// stays so until the interview is another.
func planCall(rd *book.Tx, iv *desk.Interview, c *desk.Contact, s desk.PlanStep) error {
	who := c
	if s.Client {
		var err error
		if who, err = rd.Tx.Contact(iv.Client); err != nil || who == nil {
			return err
		}
	}
	if who.Status == desk.StatusDoNotContact {
		return nil
	}
	cause := desk.CauseOf(desk.CauseInterview, iv.ID, s.Key)
	cur, err := callFor(rd.Tx, who, cause)
	if err != nil || cur != nil && cur.Version >= iv.Moved && !(cur.ByRound && cur.Status == desk.CallbackCancelled) {
		return err
	}
	if cur != nil && cur.Status == desk.CallbackDone && s.Rule == desk.RulePrep { // prepared is prepared
		return nil
	}
	if refused, err := callRefused(rd, iv, who, s.Key); refused || err != nil {
		return err
	}
	at := s.Due
	if s.Rule == desk.RulePrep {
		if at, err = prepSlot(rd, iv, cur, s); err != nil || !at.Before(iv.Start) {
			return err
		}
	}
	return rd.Planner.FixCall(cur, who, book.Fixed{Rule: s.Rule, Cause: cause, Reason: callReason(rd, iv, c, s), At: at, Version: iv.Version})
}

// callFor is the further call that a cause has made with the contact, or with whoever was merged into it; nil if it made none.
func callFor(tx *store.Tx, c *desk.Contact, cause string) (*desk.Callback, error) {
	all, err := tx.Calls()
	for i := range all {
		if all[i].Cause == cause && c.Is(all[i].Contact) {
			return &all[i], err
		}
	}
	return nil, err
}

func callReason(rd *book.Tx, iv *desk.Interview, c *desk.Contact, s desk.PlanStep) string {
	if s.Client {
		return c.DisplayName() + " had " + desk.SayInterview(rd.Env, iv)
	}
	return desk.SayInterview(rd.Env, iv)
}

// prepSlot is when the prep call is made: on its day, at lunch time where that is free, since most candidates are at work; at once
// where less time is left.
func prepSlot(rd *book.Tx, iv *desk.Interview, cur *desk.Callback, s desk.PlanStep) (time.Time, error) {
	d, err := rd.Planner.Book()
	if err != nil {
		return time.Time{}, err
	}
	if cur.Open() {
		d.Release(cur)
		defer d.Take(cur)
	}
	day := desk.DateOf(s.Due.In(rd.Env.Zone))
	zone := rd.Env.Zone
	if c, err := rd.Tx.Contact(iv.Candidate); err == nil && c != nil {
		zone = zoneOf(c, iv, zone)
	}
	lunch := day.At(12, 0, zone)
	if t := d.SlotFrom(rd.Env, lunch); t.Before(day.At(14, 0, zone)) && t.Before(iv.Start) {
		return t, nil
	}
	if t := d.SlotFrom(rd.Env, day.At(0, 0, rd.Env.Zone)); t.Before(iv.Start) {
		return t, nil
	}
	if t := iv.Start.Add(-time.Hour); t.After(rd.Env.Now) {
		return t, nil
	}
	return rd.Env.Now, nil
}

// made reports whether a letter of the plan has been written for the interview as it is: it waits, has left, or the recruiter
// doesn't want it. One that waits and says what isn't right any more is taken back, to be written anew.
func made(rd *book.Tx, iv *desk.Interview, c *desk.Contact, s desk.PlanStep, letters []desk.Outgoing) (bool, error) {
	if s.Key == desk.StepConfirmation && iv.Instead != "" {
		gone, err := letterswork.GoneLetters(rd.Tx, &desk.Interview{ID: iv.Instead})
		if len(gone) > 0 || err != nil {
			return true, err
		}
	}
	if refused, err := refused(rd, iv, c, s.Key, letters); refused || err != nil {
		return true, err
	}
	for i := range letters {
		o := &letters[i]
		_, _, step := desk.ReadCause(o.Cause)
		if !c.Is(o.Contact) {
			continue
		}
		told := step == desk.StepConfirmation || step == desk.StepPrep || strings.HasPrefix(step, desk.StepCorrection)
		if o.Gone() && o.Version < iv.Version && told && (s.Key == desk.StepConfirmation || s.Key == desk.StepPrep && step == desk.StepPrep) {
			return true, nil // a correction tells what has changed
		}
		if step != s.Key {
			continue
		}
		anyVersion := s.Key == desk.StepFollowUp || desk.StepOf(s.Key) == desk.StepNoNews
		switch {
		case o.Version != iv.Version && !anyVersion:
		case o.Gone(), o.State == desk.OutEdited, o.State == desk.OutDropped, o.State == desk.OutRejected:
			return true, nil
		case o.Waits() && o.State != desk.OutWithdraw && o.State != desk.OutSending:
			fresh, err := fresh(rd, iv, c, s, o)
			if fresh || err != nil {
				return fresh, err
			}
		case o.State == desk.OutSending:
			return true, nil
		}
	}
	return false, nil
}

// refused reports whether the recruiter has said no to this letter, for this interview or the one that it stands for. The no stands
// whatever becomes of the interview, until she takes it back.
func refused(rd *book.Tx, iv *desk.Interview, c *desk.Contact, step string, letters []desk.Outgoing) (bool, error) {
	no := func(o desk.Outgoing) bool {
		_, _, s := desk.ReadCause(o.Cause)
		return o.ByHand && s == step && c.Is(o.Contact)
	}
	if slices.ContainsFunc(letters, no) {
		return true, nil
	}
	before, err := standsFor(rd, iv)
	for _, id := range before {
		all, err := rd.Tx.LettersFor(desk.CauseInterview, id)
		if err != nil || slices.ContainsFunc(all, no) {
			return true, err
		}
	}
	return false, err
}

// callRefused is refused for a call of the plan.
func callRefused(rd *book.Tx, iv *desk.Interview, who *desk.Contact, step string) (bool, error) {
	before, err := standsFor(rd, iv)
	if err != nil {
		return false, err
	}
	for _, id := range append(before, iv.ID) {
		cur, err := callFor(rd.Tx, who, desk.CauseOf(desk.CauseInterview, id, step))
		if err != nil || cur.Refused() {
			return true, err
		}
	}
	return false, nil
}

// mostInstead bounds how often an interview is taken to have been put in another's place.
const mostInstead = 20

// standsFor are the interviews in whose place this one was arranged, latest first.
func standsFor(rd *book.Tx, iv *desk.Interview) (ids []string, err error) {
	for id := iv.Instead; id != "" && len(ids) < mostInstead; {
		ids = append(ids, id)
		before, err := rd.Tx.Interview(id)
		if before == nil || err != nil {
			return ids, err
		}
		id = before.Instead
	}
	return ids, nil
}

// fresh reports whether a letter that waits still says what is known; else it is taken back.
func fresh(rd *book.Tx, iv *desk.Interview, c *desk.Contact, s desk.PlanStep, o *desk.Outgoing) (bool, error) {
	if o.Edition == iv.Edition {
		return true, nil
	}
	d, err := letterswork.Prepare(rd.Writer(), book.LetterRequest{Name: s.Letter, Contact: c, Interview: iv, Mode: o.Mode, Released: o.Cautions})
	if err == nil && d.Content() == o.Content {
		o.Edition = iv.Edition
		return true, rd.Tx.PutOutgoing(o)
	}
	if o.State == desk.OutHeld { // nothing was written yet
		return false, rd.Tx.DropOutgoing(o.ID)
	}
	o.Withdraw("more is known of the interview")
	return false, rd.Tx.PutOutgoing(o)
}

// planLetter writes a letter of the plan once its time has come. It is written a working day ahead, so that a missing fact can be
// asked for, and a draft be sent by hand in time.
func planLetter(rd *book.Tx, iv *desk.Interview, c *desk.Contact, s desk.PlanStep, letters []desk.Outgoing) error {
	ahead := s.Due
	if s.Key != desk.StepConfirmation {
		day := rd.Env.AddWorkdays(desk.DateOf(s.Due.In(rd.Env.Zone)), -rd.R.Current().Cfg.Letters.Lead)
		ahead = day.At(0, 0, rd.Env.Zone)
	}
	if rd.Env.Now.Before(ahead) {
		return nil
	}
	if made, err := made(rd, iv, c, s, letters); made || err != nil {
		return err
	}
	if !s.NotAfter.IsZero() && !rd.Env.Now.Before(s.NotAfter) {
		if s.Key == desk.StepPrep && rd.Env.Now.Sub(s.NotAfter) < 24*time.Hour {
			return rd.Trouble(fmt.Sprintf("unprepared-%s-%d", iv.ID, iv.Version), c.DisplayName()+" had no prep letter for "+desk.SayInterview(rd.Env, iv)+": Fifthcall was not running, or letters are off.")
		}
		return nil
	}
	due := s.Due
	if due.Before(rd.Env.Now) {
		due = rd.Env.Now
	}
	_, err := letterswork.Write(rd.Writer(), book.LetterRequest{Name: s.Letter, Contact: c, Cause: desk.CauseOf(desk.CauseInterview, iv.ID, s.Key), Due: due, NotAfter: s.NotAfter, Interview: iv})
	return err
}

// lastTold is the letter that told the candidate of the interview last, nil if none has left.
func lastTold(c *desk.Contact, letters []desk.Outgoing) *desk.Outgoing {
	var last *desk.Outgoing
	for i := range letters {
		o := &letters[i]
		_, _, step := desk.ReadCause(o.Cause)
		tells := step == desk.StepConfirmation || step == desk.StepPrep || strings.HasPrefix(step, desk.StepCorrection)
		if o.Gone() && tells && c.Is(o.Contact) && (last == nil || !o.SentAt.Before(last.SentAt)) {
			last = o
		}
	}
	return last
}

// correction tells the candidate of a change, where something had gone out before it.
func correction(rd *book.Tx, iv *desk.Interview, c *desk.Contact, letters []desk.Outgoing) error {
	if iv.Status != desk.InterviewStands || iv.Floating || !rd.Env.Now.Before(iv.Start) {
		return nil
	}
	if iv.Instead != "" {
		before, err := rd.Tx.LettersFor(desk.CauseInterview, iv.Instead)
		if err != nil {
			return err
		}
		for i := range before {
			before[i].Version = 0
		}
		letters = append(before, letters...)
	}
	last := lastTold(c, letters)
	if last == nil || last.Version >= iv.Version || last.Version >= iv.Off && !last.Tells.Changed(iv.Tells()) {
		return nil
	}
	s := desk.PlanStep{Key: fmt.Sprintf("%s-%d", desk.StepCorrection, iv.Version), Letter: "correction", Due: rd.Env.Now, NotAfter: iv.Start}
	if made, err := made(rd, iv, c, s, letters); made || err != nil {
		return err
	}
	rq := book.LetterRequest{Name: "correction", Contact: c, Cause: desk.CauseOf(desk.CauseInterview, iv.ID, s.Key), Due: rd.Env.Now, NotAfter: iv.Start, Interview: iv}
	if slices.ContainsFunc(letters, func(o desk.Outgoing) bool { // what has changed since is for her to say
		_, _, step := desk.ReadCause(o.Cause)
		return o.ByHand && strings.HasPrefix(step, desk.StepCorrection) && c.Is(o.Contact)
	}) {
		rq.Ask = "you cancelled the correction before it"
	}
	_, err := letterswork.Write(rd.Writer(), rq)
	return err
}
