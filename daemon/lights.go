package daemon

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// companyLights are the lights of all target companies.
type companyLights struct {
	byKey map[string]companyLight
	firms *desk.Firms
}

type companyLight struct {
	Name  string
	Light desk.Light
	Why   string
	Since time.Time // last conversation with anybody there
}

// of is the light of a contact's company; grey for none.
func (l companyLights) of(c *desk.Contact) companyLight {
	if x, ok := l.byKey[l.firms.Of(c)]; ok && c.IsTarget() {
		return x
	}
	return companyLight{Light: desk.Grey}
}

const lightPrefix = "light:"

// lightsLog is what the lights follow from, by company key.
type lightsLog struct {
	names     map[string]string
	touches   map[string][]desk.Touch
	submitted map[string][]time.Time
	words     map[string]*desk.LightWord
	firms     *desk.Firms
}

// lights derives the light of each target company.
func (r *runner) lights(tx *store.Tx, env desk.Env) (companyLights, error) {
	log, err := r.lightsLog(tx)
	if err != nil {
		return companyLights{}, err
	}
	return log.at(env), nil
}

// at derives the lights as they stand at env.Now.
func (log *lightsLog) at(env desk.Env) companyLights {
	out := companyLights{byKey: map[string]companyLight{}, firms: log.firms}
	for key, name := range log.names {
		l, why := desk.LightOf(env, log.touches[key], log.submitted[key], log.words[key])
		out.byKey[key] = companyLight{Name: name, Light: l, Why: why, Since: desk.LastConversation(log.touches[key])}
	}
	return out
}

func (r *runner) lightsLog(tx *store.Tx) (*lightsLog, error) {
	all, err := tx.Contacts()
	if err != nil {
		return nil, err
	}
	orders, err := tx.Orders()
	if err != nil {
		return nil, err
	}
	words := map[string]*desk.LightWord{}
	err = tx.EachJSON(lightPrefix, func(name string, v []byte) error {
		w := new(desk.LightWord)
		err := json.Unmarshal(v, w)
		words[strings.TrimPrefix(name, lightPrefix)] = w
		return err
	})
	if err != nil {
		return nil, err
	}
	log := &lightsLog{names: map[string]string{}, touches: map[string][]desk.Touch{}, submitted: map[string][]time.Time{}, words: words, firms: desk.NewFirms(all, mailbox.FreeMail)}
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
		key := desk.CompanyKey(&desk.Contact{Company: o.Company}, mailbox.FreeMail)
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
			log.names[key] = orElse(c.Company, strings.TrimPrefix(key, "@"))
		}
		ts, err := tx.Touches(c)
		if err != nil {
			return nil, err
		}
		log.touches[key] = append(log.touches[key], ts...)
	}
	for _, ts := range log.touches {
		desk.SortTouches(ts)
	}
	return log, nil
}

func putLightWord(tx *store.Tx, key string, w *desk.LightWord) error {
	tx.Shown()
	if w == nil {
		return tx.DropJSON(lightPrefix + key)
	}
	return tx.PutJSON(lightPrefix+key, w)
}

var lightRE = regexp.MustCompile(`(?i)^(red|amber|grey|gray|rot|gelb|grau)\b[\s:,–-]*(.*)$`)

var untilRE = regexp.MustCompile(`(?i)\b(?:till?|until|bis)\s+(.+)$`)

// sayLight keeps what the recruiter says of a company's light: the reason, and a date that parks it until then.
func (a *applier) sayLight(c *desk.Contact, note string) (string, error) {
	m := lightRE.FindStringSubmatch(strings.TrimSpace(note))
	if m == nil {
		return "", usage("a light is red, amber or grey by word; green is earned by a conversation, a meeting or a submittal")
	}
	people, err := a.tx.Contacts()
	if err != nil {
		return "", err
	}
	key := desk.NewFirms(people, mailbox.FreeMail).Of(c)
	if key == "" || !c.IsTarget() {
		return "", usage("%s stands for no target company: say “client” or “dm” of them, or their company, first", c.DisplayName())
	}
	w := &desk.LightWord{Colour: desk.Light(strings.ToLower(m[1])), Reason: m[2], Set: a.env.Now.UTC()}
	if u := untilRE.FindStringSubmatch(m[2]); u != nil {
		until, err := a.day(strings.Trim(u[1], " ."))
		if err != nil {
			return "", err
		}
		w.Until = until
	}
	was := new(desk.LightWord)
	known, err := a.tx.JSON(lightPrefix+key, was)
	if err != nil {
		return "", err
	}
	a.light = key
	if known {
		a.lightWas = was
		w.After(was)
	}
	if err := putLightWord(a.tx, key, w); err != nil {
		return "", err
	}
	name := orElse(c.Company, strings.TrimPrefix(key, "@"))
	if !w.Until.IsZero() {
		return name + " is parked until " + w.Until.UTC().Format("Mon 2 Jan 2006"), nil
	}
	all, err := a.r.lights(a.tx, a.env)
	return "noted; " + name + " is " + string(all.byKey[key].Light) + " this month, " + all.byKey[key].Why, err
}
