package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// Error is one thing wrong with a configuration file.
type Error struct {
	File    string
	Line    int // 0 if no line is to blame
	Option  string
	Problem string
}

// Error names the line and option.
func (e Error) Error() string {
	where := e.File
	if e.Line > 0 {
		where += ":" + strconv.Itoa(e.Line)
	}
	if e.Option != "" {
		where += ": " + e.Option
	}
	return where + ": " + e.Problem
}

// Errors is everything wrong with a configuration file, in the order of its lines.
type Errors []Error

// Error lists all mistakes.
func (es Errors) Error() string {
	var lines []string
	for _, e := range es {
		lines = append(lines, e.Error())
	}
	return strings.Join(lines, "\n")
}

// LoadConfig reads and checks a configuration file. The error is a ConfigErrors if the file
// could be read.
func LoadConfig(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	c, errs := ParseConfig(path, data)
	c.Path = abs
	if len(errs) == 0 || !slices.ContainsFunc(errs, func(e Error) bool { return e.Option == "" }) {
		errs = append(errs, c.check(newPositions(data), path)...)
	}
	if len(errs) > 0 {
		slices.SortStableFunc(errs, func(a, b Error) int { return a.Line - b.Line })
		return nil, Errors(errs)
	}
	return c, nil
}

// ParseConfig fills a Config with defaults and the file's values, and says what doesn't fit.
func ParseConfig(path string, data []byte) (*Config, []Error) {
	c := &Config{}
	r := &Reader{file: path, at: newPositions(data)}
	applyDefaults(reflect.ValueOf(c).Elem())
	var tree map[string]any
	if err := toml.Unmarshal(data, &tree); err != nil {
		e := Error{File: path, Problem: err.Error()}
		var de *toml.DecodeError
		if errors.As(err, &de) {
			e.Line, _ = de.Position()
			e.Problem = "not valid TOML: " + strings.TrimPrefix(de.Error(), "toml: ")
		}
		return c, []Error{e}
	}
	r.table(reflect.ValueOf(c).Elem(), tree, "")
	return c, r.Errs
}

// positions maps option paths such as "desk[0].imap.host" to lines.
type positions map[string]int

func newPositions(data []byte) positions {
	at := positions{}
	var p unstable.Parser
	p.Reset(data)
	counts := map[string]int{}
	table := ""
	for p.NextExpression() {
		n := p.Expression()
		switch n.Kind {
		case unstable.Table, unstable.ArrayTable:
			table, _ = at.mark(&p, n, "", counts, n.Kind == unstable.ArrayTable)
		case unstable.KeyValue:
			at.keyValue(&p, n, table, counts)
		}
	}
	return at
}

func (at positions) keyValue(p *unstable.Parser, n *unstable.Node, table string, counts map[string]int) {
	path, _ := at.mark(p, n, table, counts, false)
	if v := n.Value(); v.Kind == unstable.InlineTable {
		for it := v.Children(); it.Next(); {
			at.keyValue(p, it.Node(), path, counts)
		}
	}
}

// mark notes the line of a key and of the tables on the way to it.
func (at positions) mark(p *unstable.Parser, n *unstable.Node, table string, counts map[string]int, array bool) (string, int) {
	path, line := table, 0
	var keys []*unstable.Node
	for it := n.Key(); it.Next(); {
		keys = append(keys, it.Node())
	}
	for i, k := range keys {
		if line == 0 {
			line = p.Shape(k.Raw).Start.Line
		}
		if path != "" {
			path += "."
		}
		path += string(k.Data)
		if last := i == len(keys)-1; array && last {
			counts[path]++
			path += "[" + strconv.Itoa(counts[path]-1) + "]"
		} else if c := counts[path]; c > 0 {
			path += "[" + strconv.Itoa(c-1) + "]"
		}
		if _, ok := at[path]; !ok {
			at[path] = line
		}
	}
	return path, line
}

// line is that of the option, or of the nearest table around it.
func (at positions) line(path string) int {
	for path != "" {
		if l, ok := at[path]; ok {
			return l
		}
		i := strings.LastIndexByte(path, '.')
		if i < 0 {
			break
		}
		path = path[:i]
	}
	return 0
}

// Reader reads a parsed file into the options, and gathers mistakes.
type Reader struct {
	file string
	at   positions
	Errs []Error
}

func (r *Reader) fail(path, format string, args ...any) {
	r.Errs = append(r.Errs, Error{File: r.file, Line: r.at.line(path), Option: path, Problem: fmt.Sprintf(format, args...)})
}

// OptionFields are the fields of a struct by option name, embedded structs flattened.
func OptionFields(v reflect.Value, fn func(name string, f reflect.StructField, v reflect.Value)) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous {
			OptionFields(v.Field(i), fn)
		} else if name := f.Tag.Get("opt"); name != "" {
			fn(name, f, v.Field(i))
		}
	}
}

func (r *Reader) table(v reflect.Value, tree map[string]any, path string) {
	fields := map[string]reflect.Value{}
	var names []string
	OptionFields(v, func(name string, _ reflect.StructField, fv reflect.Value) {
		fields[name] = fv
		names = append(names, name)
	})
	for key, val := range tree {
		p := key
		if path != "" {
			p = path + "." + key
		}
		fv, ok := fields[key]
		if !ok {
			r.fail(p, "unknown option%s", DidYouMean(key, names))
			continue
		}
		r.value(fv, val, p)
	}
}

func (r *Reader) value(fv reflect.Value, val any, path string) {
	switch {
	case fv.Kind() == reflect.Struct:
		if t, ok := val.(map[string]any); ok {
			r.table(fv, t, path)
		} else {
			r.fail(path, "must be a table: write [%s] on a line of its own", strings.ReplaceAll(path, "[0]", ""))
		}
	case fv.Kind() == reflect.Slice && fv.Type().Elem().Kind() == reflect.Struct:
		list, ok := val.([]any)
		if !ok {
			r.fail(path, "must be a list of tables: write [[%s]]", path)
			return
		}
		for i, item := range list {
			el := reflect.New(fv.Type().Elem()).Elem()
			applyDefaults(el)
			if t, ok := item.(map[string]any); ok {
				r.table(el, t, fmt.Sprintf("%s[%d]", path, i))
			}
			fv.Set(reflect.Append(fv, el))
		}
	default:
		if err := setScalar(fv, val); err != nil {
			r.fail(path, "%v", err)
		}
	}
}

func setScalar(fv reflect.Value, val any) error {
	switch {
	case fv.Type() == reflect.TypeFor[Duration]():
		s, ok := val.(string)
		if !ok {
			return fmt.Errorf("must be a duration in quotes, like \"90d\", \"2w\" or \"15m\"")
		}
		d, err := ParseDuration(s)
		if err != nil {
			return err
		}
		fv.SetInt(int64(d))
	case fv.Kind() == reflect.String:
		s, ok := val.(string)
		if !ok {
			return fmt.Errorf("must be text in quotes")
		}
		fv.SetString(s)
	case fv.Kind() == reflect.Int:
		n, ok := val.(int64)
		if !ok {
			return fmt.Errorf("must be a whole number without quotes")
		}
		fv.SetInt(n)
	case fv.Kind() == reflect.Bool:
		b, ok := val.(bool)
		if !ok {
			return fmt.Errorf("must be true or false")
		}
		fv.SetBool(b)
	case fv.Kind() == reflect.Slice:
		list, ok := val.([]any)
		if !ok {
			return fmt.Errorf("must be a list, like [\"a\", \"b\"]")
		}
		out := reflect.MakeSlice(fv.Type(), 0, len(list))
		for _, item := range list {
			switch x := item.(type) {
			case string:
				out = reflect.Append(out, reflect.ValueOf(x))
			case int64:
				out = reflect.Append(out, reflect.ValueOf(strconv.FormatInt(x, 10)))
			default:
				return fmt.Errorf("must be a list of texts in quotes")
			}
		}
		fv.Set(out)
	}
	return nil
}

func applyDefaults(v reflect.Value) {
	OptionFields(v, func(_ string, f reflect.StructField, fv reflect.Value) {
		if fv.Kind() == reflect.Struct {
			applyDefaults(fv)
			return
		}
		def, ok := f.Tag.Lookup("def")
		if !ok {
			return
		}
		var val any = def
		switch fv.Kind() {
		case reflect.Int:
			n, _ := strconv.ParseInt(def, 10, 64)
			val = n
		case reflect.Bool:
			val = def == "true"
		case reflect.Slice:
			var list []any
			for _, s := range strings.Split(def, "|") {
				list = append(list, s)
			}
			val = list
		}
		if err := setScalar(fv, val); err != nil {
			panic("default of " + f.Name + ": " + err.Error())
		}
	})
}

// ParseDuration reads "90d", "2w", "15m", "30s", "1h".
func ParseDuration(s string) (time.Duration, error) {
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	if len(s) >= 2 {
		n, err := strconv.Atoi(s[:len(s)-1])
		if u, ok := units[s[len(s)-1]]; ok && err == nil && n >= 0 && n < 100000 {
			return time.Duration(n) * u, nil
		}
	}
	return 0, fmt.Errorf("%q is not a duration like \"90d\", \"2w\" or \"15m\"", s)
}

// DidYouMean suggests the nearest of the known names.
func DidYouMean(word string, known []string) string {
	best, least := "", max(2, len(word)/3)+1
	for _, k := range known {
		if d := EditDistance(strings.ToLower(word), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// EditDistance is how many letters two words differ by.
func EditDistance(a, b string) int {
	ra, rb := []rune(a), []rune(b)
	prev := make([]int, len(rb)+1)
	for j := range prev {
		prev[j] = j
	}
	for i, ca := range ra {
		cur := make([]int, len(rb)+1)
		cur[0] = i + 1
		for j, cb := range rb {
			cost := 1
			if ca == cb {
				cost = 0
			}
			cur[j+1] = min(cur[j]+1, prev[j+1]+1, prev[j]+cost)
		}
		prev = cur
	}
	return prev[len(rb)]
}
