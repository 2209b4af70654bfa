package daemon

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
)

// exampleConfig names every option with its default and meaning.
func exampleConfig() string {
	var b strings.Builder
	b.WriteString("# Every option of Fifthcall, with its default and one line of meaning. Options without\n# a default are shown empty. Durations are written \"90d\", \"2w\", \"15m\".\n")
	exampleTable(&b, reflect.TypeFor[config.Config](), "", false)
	return b.String()
}

func exampleTable(b *strings.Builder, t reflect.Type, path string, desk bool) {
	v := reflect.New(t).Elem()
	var tables []reflect.StructField
	config.OptionFields(v, func(name string, f reflect.StructField, fv reflect.Value) {
		if fv.Kind() == reflect.Struct || fv.Kind() == reflect.Slice && fv.Type().Elem().Kind() == reflect.Struct {
			tables = append(tables, f)
			return
		}
		if doc := f.Tag.Get("doc"); doc != "" {
			fmt.Fprintf(b, "# %s\n", doc)
		}
		fmt.Fprintf(b, "%s%s = %s\n", exampleMark(path+"."+name), name, exampleValue(f, fv))
	})
	for _, f := range tables {
		name := f.Tag.Get("opt")
		full := strings.TrimPrefix(path+"."+name, ".")
		brackets := "[%s]"
		ft := f.Type
		if ft.Kind() == reflect.Slice {
			brackets, ft = "[[%s]]", ft.Elem()
		}
		fmt.Fprintf(b, "\n# %s\n"+brackets+"\n", f.Tag.Get("doc"), full)
		exampleTable(b, ft, full, desk)
	}
}

// exampleGiven are the options that the example sets, so that it is a sound configuration.
var exampleGiven = map[string]string{
	"playbook.name": `"contract"`, "playbook.words": `["contract", "interim"]`,
	"desk.name": `"sam"`, "desk.email": `"sam@firm.example"`, "desk.imap.host": `"imap.firm.example"`, "desk.imap.username": `"sam@firm.example"`,
	"desk.imap.password_env": `"SAM_PASSWORD"`, "desk.smtp.host": `"smtp.firm.example"`, "desk.smtp.username": `"sam@firm.example"`, "desk.smtp.password_env": `"SAM_PASSWORD"`,
}

func exampleMark(path string) string {
	if exampleGiven[strings.TrimPrefix(path, ".")] != "" {
		return ""
	}
	return "# "
}

func exampleValue(f reflect.StructField, fv reflect.Value) string {
	def, ok := f.Tag.Lookup("def")
	switch {
	case fv.Kind() == reflect.Slice && !ok:
		return "[]"
	case fv.Kind() == reflect.Slice:
		return `["` + strings.ReplaceAll(def, "|", `", "`) + `"]`
	case fv.Type() == reflect.TypeFor[config.Duration](), fv.Kind() == reflect.String:
		return `"` + def + `"`
	case !ok:
		return "0"
	}
	return def
}

// TestExample holds config.example.toml against the code; FIFTHCALL_UPDATE=1 writes it anew.
func TestExample(t *testing.T) {
	want := exampleConfig()
	for path, v := range exampleGiven {
		name := path[strings.LastIndexByte(path, '.')+1:]
		table := path[:strings.LastIndexByte(path, '.')]
		i := strings.Index(want, "["+table+"]")
		j := strings.Index(want[i:], "\n"+name+" = ") + i + 1
		k := strings.IndexByte(want[j:], '\n') + j
		want = want[:j] + name + " = " + v + want[k:]
	}
	path := "../config.example.toml"
	if os.Getenv("FIFTHCALL_UPDATE") == "1" {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Fatalf("config.example.toml is not what the code says (%v): run FIFTHCALL_UPDATE=1 go test ./daemon -run TestExample", err)
	}
	if _, err := config.LoadConfig(path); err != nil {
		t.Errorf("the example is not sound: %v", err)
	}
	// and with every option switched on it still parses: no name is wrong
	all := strings.NewReplacer("\n# ", "\n## ").Replace(want)
	var lines []string
	for _, l := range strings.Split(all, "\n") {
		if opt, ok := strings.CutPrefix(l, "## "); ok && strings.Contains(opt, " = ") && !strings.Contains(strings.SplitN(opt, " = ", 2)[0], " ") {
			l = opt
		}
		lines = append(lines, l)
	}
	_, errs := config.ParseConfig("example", []byte(strings.Join(lines, "\n")))
	for _, e := range errs {
		t.Error(e)
	}
}

func TestConfigErrors(t *testing.T) {
	dir := t.TempDir()
	loose := filepath.Join(dir, "loose")
	if err := os.WriteFile(loose, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "config.toml")
	text := `[http]
listne = "127.0.0.1:1"
[[desk]]
name = "sam"
email = "sam@firm.example"
timezone = "Europe/Lodnon"
history = 365
[desk.imap]
host = "imap.firm.example"
port = "993"
security = "none"
username = "sam"
password_file = "loose"
[desk.hours]
monday = ["17:00-09:00"]
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := config.LoadConfig(path)
	var errs config.Errors
	if !errors.As(err, &errs) {
		t.Fatalf("want ConfigErrors, got %v", err)
	}
	for _, want := range []string{
		`:2: http.listne: unknown option; did you mean "listen"?`, `:6: desk[0].timezone: "Europe/Lodnon"`, `:7: desk[0].history: must be a duration`,
		`:10: desk[0].imap.port: must be a whole number`, `:11: desk[0].imap.security: "none" would send the password in the clear`, "run 'chmod 600 " + loose, `:15: desk[0].hours.monday: "17:00-09:00" is not a span`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing %q in\n%v", want, err)
		}
	}
	if config.ExitCode(err) != desk.ExitUsage {
		t.Error("a bad configuration must exit with 2")
	}
}

func TestConfigSyntaxError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.toml")
	if err := os.WriteFile(path, []byte("[store]\ndir = \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.LoadConfig(path); err == nil || !strings.Contains(err.Error(), ":2: not valid TOML") {
		t.Errorf("got %v", err)
	}
}

func TestParseDuration(t *testing.T) {
	for in, want := range map[string]string{"90d": "2160h0m0s", "2w": "336h0m0s", "15m": "15m0s", "30s": "30s"} {
		if d, err := config.ParseDuration(in); err != nil || d.String() != want {
			t.Errorf("%s: %v %v", in, d, err)
		}
	}
	for _, in := range []string{"", "d", "90", "-1d", "1.5h", "9x", "90 d"} {
		if _, err := config.ParseDuration(in); err == nil {
			t.Errorf("%q was taken", in)
		}
	}
}

// TestHolidays: public holidays of regions, spans of days off, and days that are worked all the same.
func TestHolidays(t *testing.T) {
	w := newWorld(t)
	w.restart("2026-03-02", "12:30", func(c *config.Config) {
		c.Desks[0].Hours.Regions = []string{"gb"}
		c.Desks[0].Hours.Holidays = []string{"2026-08-03..2026-08-07", "12-24"}
		c.Desks[0].Hours.Worked = []string{"2026-05-25"}
	})
	h := w.r.Current().Hours
	for day, want := range map[string]bool{"2026-04-03": false, "2026-04-07": true, "2026-08-03": false, "2026-08-07": false, "2026-08-10": true, "2026-12-24": false, "2026-12-25": false, "2026-05-25": true, "2026-05-04": false} {
		d, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.Workday(d); got != want {
			t.Errorf("%s worked: %v", day, got)
		}
	}
	for _, bad := range []string{"2026-08-07..2026-08-03", "2026-02-30", "x..y", "2020-01-01..2026-01-01"} {
		if _, _, err := config.ParseHolidays(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// TestListenBeyondLoopback: passwords don't cross a network in clear text unless somebody says so.
func TestListenBeyondLoopback(t *testing.T) {
	for text, ok := range map[string]bool{
		"listen = \"127.0.0.1:8025\"": true, "listen = \"localhost:8025\"": true, "listen = \"0.0.0.0:8025\"": false, "listen = \":8025\"": false,
		"listen = \"0.0.0.0:8025\"\nplain = true": true, "listen = \"0.0.0.0:8025\"\npublic_url = \"https://calls.firm.example\"": true,
		"listen = \"0.0.0.0:8025\"\npublic_url = \"http://calls.firm.example\"": false, "listen = \"0.0.0.0:8025\"\ntls_cert = \"c\"\ntls_key = \"k\"": true,
	} {
		path := filepath.Join(t.TempDir(), "c.toml")
		if err := os.WriteFile(path, []byte("[http]\n"+text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := config.LoadConfig(path)
		if said := err != nil && strings.Contains(err.Error(), "http.listen: "); said == ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}
