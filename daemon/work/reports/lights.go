package reports

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	figurespkg "fifthcall/daemon/desk/figures"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/letters"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
)

// lightsLog is what lights are made of: the target companies, by key.
type lightsLog struct {
	companies []company
	firms     *desk.Firms
}

// company is what one company's light is made of.
type company struct {
	key, name string
	people    []*desk.History // with its people
	submitted []time.Time
	word      *desk.LightWord
}

// LightOf is the light of a contact's company.
func LightOf(tx *store.Tx, env desk.Env, c *desk.Contact) (desk.CompanyLight, error) {
	byFirm, firms, err := people.Firms(tx)
	if err != nil {
		return desk.CompanyLight{}, err
	}
	key := firms.Of(c)
	log, err := lightsOf(tx, map[string][]*desk.Contact{key: byFirm[key]}, firms)
	if err != nil {
		return desk.CompanyLight{}, err
	}
	return log.At(env).Of(c), nil
}

// Lights derives the light of each target company.
func Lights(tx *store.Tx, env desk.Env) (desk.CompanyLights, error) {
	log, err := LightsLog(tx)
	if err != nil {
		return desk.CompanyLights{}, err
	}
	return log.At(env), nil
}

// At derives the lights as they stand at env.Now.
func (log *lightsLog) At(env desk.Env) desk.CompanyLights {
	out := desk.CompanyLights{ByKey: make(map[string]desk.CompanyLight, len(log.companies)), Firms: log.firms}
	month := desk.NewLightMonth(env)
	for i := range log.companies {
		f := &log.companies[i]
		l, why := month.Of(f.people, f.submitted, f.word)
		out.ByKey[f.key] = desk.CompanyLight{Name: f.name, Light: l, Why: why, Since: lastSpoke(f.people)}
	}
	return out
}

// boards derives the lights as they stand at env.Now, by key.
func (log *lightsLog) boards(env desk.Env) []figurespkg.Board {
	out := make([]figurespkg.Board, len(log.companies))
	month := desk.NewLightMonth(env)
	for i := range log.companies {
		f := &log.companies[i]
		l, why := month.Of(f.people, f.submitted, f.word)
		out[i] = figurespkg.Board{Key: f.key, Company: f.name, Light: l, Why: why}
	}
	return out
}

func lastSpoke(hs []*desk.History) (last time.Time) {
	for _, h := range hs {
		last = desk.LaterOf(last, h.LastSpoke)
	}
	return last
}

// KnownBefore reports whether there was a touch with a company before an instant.
func (log *lightsLog) KnownBefore(key string, at time.Time) bool {
	i, found := slices.BinarySearchFunc(log.companies, key, func(f company, key string) int { return strings.Compare(f.key, key) })
	return found && slices.ContainsFunc(log.companies[i].people, func(h *desk.History) bool { return h.Touches[0].Time.Before(at) })
}

// LightsLog reads what lights are made of.
func LightsLog(tx *store.Tx) (*lightsLog, error) {
	byFirm, firms, err := people.Firms(tx)
	if err != nil {
		return nil, err
	}
	return lightsOf(tx, byFirm, firms)
}

// lightsOf reads what the lights of some companies are made of.
func lightsOf(tx *store.Tx, byFirm map[string][]*desk.Contact, firms *desk.Firms) (*lightsLog, error) {
	words := map[string]*desk.LightWord{}
	err := store.LightWords.Each(tx, "", func(key string, w *desk.LightWord) error {
		now := firms.Fold(key) // it may have been said before the company's name was known
		if was := words[now]; was == nil || was.Set.Before(w.Set) {
			words[now] = w
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	submitted, err := submittedTo(tx, firms)
	if err != nil {
		return nil, err
	}
	log := &lightsLog{companies: make([]company, 0, len(byFirm)), firms: firms}
	for _, key := range desk.SortedKeys(byFirm) {
		f := company{key: key, submitted: submitted[key], word: words[key]}
		if err := f.read(tx, byFirm[key]); err != nil {
			return nil, err
		}
		if f.name != "" {
			log.companies = append(log.companies, f)
		}
	}
	return log, nil
}

// submittedTo is when candidates were submitted, by the company's key.
func submittedTo(tx *store.Tx, firms *desk.Firms) (map[string][]time.Time, error) {
	out := map[string][]time.Time{}
	orders, err := tx.Orders()
	if err != nil {
		return nil, err
	}
	for i := range orders {
		o := &orders[i]
		if len(o.Submittals) == 0 {
			continue
		}
		giver, err := tx.Contact(o.Contact)
		if err != nil {
			return nil, err
		}
		key := desk.CompanyKey(&desk.Contact{Company: o.Company}, message.FreeMail)
		if giver != nil {
			key = firms.Of(giver)
		}
		for _, s := range o.Submittals {
			out[key] = append(out[key], s.Time)
		}
	}
	return out, nil
}

// read reads what was exchanged with a company's people; its name stays "" if it is no target.
func (f *company) read(tx *store.Tx, members []*desk.Contact) error {
	for _, c := range members {
		if f.key == "" || c.Status == desk.StatusDoNotContact || c.Has(desk.RoleNone) {
			continue
		}
		if f.name == "" || c.Company != "" && strings.HasPrefix(f.key, "@") {
			f.name = cmp.Or(c.Company, strings.TrimPrefix(f.key, "@"))
		}
		h, err := tx.History(c)
		if err != nil {
			return err
		}
		if len(h.Touches) > 0 {
			f.people = append(f.people, h)
		}
	}
	return nil
}

// SayLight keeps what the recruiter says of a company's light: the reason, and a date that parks it until then.
func SayLight(a *book.Tx, c *desk.Contact, note string) (string, error) {
	m := words.LightRE.FindStringSubmatch(strings.TrimSpace(note))
	if m == nil {
		return "", desk.Usage("a light is red, amber or grey by word; green is earned by a conversation, a meeting or a submittal")
	}
	_, firms, err := people.Firms(a.Tx)
	if err != nil {
		return "", err
	}
	key := firms.Of(c)
	if key == "" || !c.IsTarget() {
		return "", desk.Usage("%s stands for no target company: say “client” or “dm” of them, or their company, first", c.DisplayName())
	}
	w := &desk.LightWord{Colour: desk.Light(strings.ToLower(m[1])), Reason: m[2], Set: a.Env.Now.UTC()}
	if u := words.UntilRE.FindStringSubmatch(m[2]); u != nil {
		until, err := letters.Day(a, strings.Trim(u[1], " ."))
		if err != nil {
			return "", err
		}
		w.Until = until
	}
	was, err := store.LightWords.Get(a.Tx, key)
	if err != nil {
		return "", err
	}
	if was != nil {
		w.After(was)
	}
	if err := book.PutLightWord(a.Tx, key, w); err != nil {
		return "", err
	}
	name := cmp.Or(c.Company, strings.TrimPrefix(key, "@"))
	if !w.Until.IsZero() {
		return name + " is parked until " + w.Until.Say(), nil
	}
	now, err := LightOf(a.Tx, a.Env, c)
	return "noted; " + name + " is " + string(now.Light) + " this month, " + now.Why, err
}
