package reports

import (
	"cmp"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/letters"
	"fifthcall/mailbox/message"
)

// lightsLog is what the lights follow from, by company key.
type lightsLog struct {
	names     map[string]string
	Touches   map[string][]desk.Touch
	submitted map[string][]time.Time
	words     map[string]*desk.LightWord
	firms     *desk.Firms
}

// Lights derives the light of each target company.
func Lights(r *book.Runner, tx *store.Tx, env desk.Env) (desk.CompanyLights, error) {
	log, err := LightsLog(r, tx)
	if err != nil {
		return desk.CompanyLights{}, err
	}
	return log.At(env), nil
}

// At derives the lights as they stand at env.Now.
func (log *lightsLog) At(env desk.Env) desk.CompanyLights {
	out := desk.CompanyLights{ByKey: map[string]desk.CompanyLight{}, Firms: log.firms}
	for key, name := range log.names {
		l, why := desk.LightOf(env, log.Touches[key], log.submitted[key], log.words[key])
		out.ByKey[key] = desk.CompanyLight{Name: name, Light: l, Why: why, Since: desk.LastConversation(log.Touches[key])}
	}
	return out
}

// LightsLog reads what lights are made of.
func LightsLog(r *book.Runner, tx *store.Tx) (*lightsLog, error) {
	all, err := tx.Contacts()
	if err != nil {
		return nil, err
	}
	orders, err := tx.Orders()
	if err != nil {
		return nil, err
	}
	words := map[string]*desk.LightWord{}
	err = store.LightWords.Each(tx, "", func(key string, w *desk.LightWord) error { words[key] = w; return nil })
	if err != nil {
		return nil, err
	}
	log := &lightsLog{names: map[string]string{}, Touches: map[string][]desk.Touch{}, submitted: map[string][]time.Time{}, words: words, firms: desk.NewFirms(all, message.FreeMail)}
	for key, w := range words { // said before the company's name was known
		if now := log.firms.Fold(key); now != key {
			if words[now] == nil || words[now].Set.Before(w.Set) {
				words[now] = w
			}
			delete(words, key)
		}
	}
	for i := range orders {
		o := &orders[i]
		giver, err := tx.Contact(o.Contact)
		if err != nil {
			return nil, err
		}
		key := desk.CompanyKey(&desk.Contact{Company: o.Company}, message.FreeMail)
		if giver != nil {
			key = log.firms.Of(giver)
		}
		for _, s := range o.Submittals {
			log.submitted[key] = append(log.submitted[key], s.Time)
		}
	}
	for _, c := range all {
		key := log.firms.Of(c)
		if key == "" || !c.IsTarget() || c.Status == desk.StatusDoNotContact || c.Has(desk.RoleNone) {
			continue
		}
		if log.names[key] == "" || c.Company != "" && strings.HasPrefix(key, "@") {
			log.names[key] = cmp.Or(c.Company, strings.TrimPrefix(key, "@"))
		}
		ts, err := tx.Touches(c)
		if err != nil {
			return nil, err
		}
		log.Touches[key] = append(log.Touches[key], ts...)
	}
	for _, ts := range log.Touches {
		desk.SortTouches(ts)
	}
	return log, nil
}

// SayLight keeps what the recruiter says of a company's light: the reason, and a date that parks it until then.
func SayLight(a *book.Tx, c *desk.Contact, note string) (string, error) {
	m := words.LightRE.FindStringSubmatch(strings.TrimSpace(note))
	if m == nil {
		return "", desk.Usage("a light is red, amber or grey by word; green is earned by a conversation, a meeting or a submittal")
	}
	people, err := a.Tx.Contacts()
	if err != nil {
		return "", err
	}
	key := desk.NewFirms(people, message.FreeMail).Of(c)
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
	all, err := Lights(a.R, a.Tx, a.Env)
	return "noted; " + name + " is " + string(all.ByKey[key].Light) + " this month, " + all.ByKey[key].Why, err
}
