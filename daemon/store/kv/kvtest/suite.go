// Package kvtest is what every engine must pass.
package kvtest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"fifthcall/daemon/store/kv"
)

// Run runs the suite. open makes an empty engine and one that reopens what it held, after Close.
func Run(t *testing.T, open func(t testing.TB) (e kv.Engine, reopen func() kv.Engine)) {
	for name, check := range map[string]func(*testing.T, kv.Engine){
		"reads its writes": readsItsWrites, "all or nothing": allOrNothing, "a snapshot stays": snapshotStays, "savepoints": savepoints,
		"a view writes nothing": viewWritesNothing, "too big": tooBig, "writers beside each other": besideEachOther, "values": values,
	} {
		t.Run(name, func(t *testing.T) {
			e, _ := open(t)
			check(t, e)
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("against a map", func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) { againstMap(rt, t, open) })
	})
}

func set(t testing.TB, e kv.Engine, pairs ...string) {
	t.Helper()
	err := kv.Update(e, func(tx *kv.Tx) error {
		for i := 0; i < len(pairs); i += 2 {
			if err := tx.Set([]byte(pairs[i]), []byte(pairs[i+1])); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// dump is what a transaction sees below a prefix, in order.
func dump(tx *kv.Tx, prefix string) (string, error) {
	var out []string
	err := tx.Scan([]byte(prefix), func(k, v []byte) error {
		out = append(out, string(k)+"="+string(v))
		return nil
	})
	return strings.Join(out, " "), err
}

func want(t testing.TB, e kv.Engine, prefix, want string) {
	t.Helper()
	err := kv.View(e, func(tx *kv.Tx) error {
		got, err := dump(tx, prefix)
		if got != want {
			t.Errorf("below %q: %q, not %q", prefix, got, want)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func readsItsWrites(t *testing.T, e kv.Engine) {
	set(t, e, "a1", "x", "a3", "x", "a5", "x", "b", "x")
	err := kv.Update(e, func(tx *kv.Tx) error {
		err := errors.Join(tx.Set([]byte("a2"), []byte("y")), tx.Set([]byte("a3"), []byte("y")), tx.Delete([]byte("a5")), tx.Set([]byte("a6"), nil), tx.Delete([]byte("a9")))
		if err != nil {
			return err
		}
		if got, err := dump(tx, "a"); got != "a1=x a2=y a3=y a6=" || err != nil {
			t.Errorf("within: %q, %v", got, err)
		}
		if v, err := tx.Get([]byte("a5")); v != nil || err != nil {
			t.Errorf("a deleted key reads %q, %v", v, err)
		}
		if v, err := tx.Get([]byte("a6")); v == nil || len(v) > 0 || err != nil {
			t.Errorf("an empty value reads %v, %v", v, err)
		}
		// a scan inside a scan, and writing in one
		return tx.Scan([]byte("a"), func(k, _ []byte) error {
			if err := tx.Set(append([]byte("c"), k...), []byte("z")); err != nil {
				return err
			}
			return tx.Scan([]byte("b"), func(_, _ []byte) error { return tx.Delete(k) })
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	want(t, e, "", "b=x ca1=z ca2=z ca3=z ca6=z")
	enough := errors.New("enough")
	err = kv.View(e, func(tx *kv.Tx) error { return tx.Scan([]byte("c"), func(_, _ []byte) error { return enough }) })
	if err != enough { //nolint:errorlint // the very error
		t.Errorf("a scan ended with %v", err)
	}
}

func allOrNothing(t *testing.T, e kv.Engine) {
	set(t, e, "a", "x")
	no := errors.New("no")
	err := kv.Update(e, func(tx *kv.Tx) error {
		return errors.Join(tx.Set([]byte("a"), []byte("y")), tx.Set([]byte("b"), nil), no)
	})
	if !errors.Is(err, no) {
		t.Errorf("the error is %v", err)
	}
	want(t, e, "", "a=x")
}

func snapshotStays(t *testing.T, e kv.Engine) {
	set(t, e, "a", "x")
	err := kv.View(e, func(tx *kv.Tx) error {
		set(t, e, "a", "y", "b", "y")
		got, err := dump(tx, "")
		if got != "a=x" {
			t.Errorf("a snapshot sees %q", got)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	want(t, e, "", "a=y b=y")
}

func savepoints(t *testing.T, e kv.Engine) {
	set(t, e, "a", "1", "b", "1", "c", "1")
	err := kv.Update(e, func(tx *kv.Tx) error {
		_ = tx.Set([]byte("a"), []byte("2"))
		s := tx.Savepoint()
		_ = errors.Join(tx.Set([]byte("a"), []byte("3")), tx.Delete([]byte("b")), tx.Set([]byte("d"), []byte("3")), tx.Set([]byte("c"), []byte("1")))
		inner := tx.Savepoint()
		_ = tx.Set([]byte("e"), []byte("4"))
		inner.Rollback()
		changed, err := s.Changed()
		if got := strings.Join(changed, " "); got != "a b d" || err != nil {
			t.Errorf("changed %q, %v", got, err)
		}
		if v, err := s.Get("a"); string(v) != "2" || err != nil {
			t.Errorf("at the savepoint %q, %v", v, err)
		}
		if v, err := s.Get("b"); string(v) != "1" || err != nil {
			t.Errorf("at the savepoint %q, %v", v, err)
		}
		s.Rollback()
		if got, err := dump(tx, ""); got != "a=2 b=1 c=1" || err != nil {
			t.Errorf("rolled back to %q, %v", got, err)
		}
		_ = tx.Set([]byte("f"), []byte("5"))
		s.Rollback()
		return tx.Set([]byte("g"), []byte("6"))
	})
	if err != nil {
		t.Fatal(err)
	}
	want(t, e, "", "a=2 b=1 c=1 g=6")
}

func viewWritesNothing(t *testing.T, e kv.Engine) {
	if err := kv.View(e, func(tx *kv.Tx) error { return tx.Set([]byte("a"), nil) }); err == nil {
		t.Error("a view wrote")
	}
	want(t, e, "", "")
}

// tooBig: more than an engine takes is refused whole, by Set and by Write, and what just fits is written.
func tooBig(t *testing.T, e kv.Engine) {
	bytes, pairs := e.Limits()
	value := make([]byte, 1<<10)
	fill := func(full bool) error {
		return kv.Update(e, func(tx *kv.Tx) error {
			for i := range 2 * (bytes>>10 + pairs) {
				if full && tx.Full(1<<10, 1) {
					return nil
				}
				if err := tx.Set(fmt.Appendf(nil, "k%08d", i), value); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := fill(false); !errors.Is(err, kv.ErrTooBig) {
		t.Errorf("too much: %v", err)
	}
	want(t, e, "", "")
	if err := fill(true); err != nil {
		t.Errorf("what fits: %v", err)
	}
	err := e.Write(func(yield func(string, []byte) bool) {
		for i := range 2 * (bytes>>10 + pairs) {
			if !yield(fmt.Sprintf("w%08d", i), value) {
				return
			}
		}
	})
	if !errors.Is(err, kv.ErrTooBig) {
		t.Errorf("too much written: %v", err)
	}
	want(t, e, "w", "")
}

func besideEachOther(t *testing.T, e kv.Engine) {
	var wg sync.WaitGroup
	for desk := range 4 {
		wg.Go(func() {
			for i := range 20 {
				set(t, e, fmt.Sprintf("%d/%02d", desk, i), "x")
			}
		})
	}
	wg.Wait()
	for desk := range 4 {
		n := 0
		err := kv.View(e, func(tx *kv.Tx) error {
			return tx.Scan(fmt.Appendf(nil, "%d/", desk), func(_, _ []byte) error { n++; return nil })
		})
		if n != 20 || err != nil {
			t.Errorf("%d pairs of writer %d, %v", n, desk, err)
		}
	}
	if e.Size() < 0 {
		t.Error("a size below nothing")
	}
	if err := e.CollectGarbage(t.Context()); err != nil {
		t.Error(err)
	}
}

// values of any bytes and of sizes on both sides of what an engine keeps apart.
func values(t *testing.T, e kv.Engine) {
	for _, v := range []string{"", "\x00", "\xff\x00\xff", strings.Repeat("x", 1<<10-1), strings.Repeat("y", 1<<10), strings.Repeat("z", 1<<18)} {
		set(t, e, "\x00k\xff", v)
		want(t, e, "\x00k", "\x00k\xff="+v)
	}
}

// againstMap does the same things to an engine and to a map.
func againstMap(rt *rapid.T, t *testing.T, open func(testing.TB) (kv.Engine, func() kv.Engine)) {
	e, reopen := open(t)
	model := map[string]string{}
	key := rapid.StringOfN(rapid.RuneFrom([]rune("ab\x00")), 1, 3, -1)
	steps := rapid.IntRange(1, 12).Draw(rt, "transactions")
	for range steps {
		next := maps.Clone(model)
		failed := errors.New("given up")
		err := kv.Update(e, func(tx *kv.Tx) error {
			return transaction(rt, tx, next, key, failed)
		})
		switch {
		case err == nil:
			model = next
		case !errors.Is(err, failed):
			rt.Fatal(err)
		}
		if rapid.IntRange(0, 9).Draw(rt, "reopen") == 0 {
			if err := e.Close(); err != nil {
				rt.Fatal(err)
			}
			e = reopen()
		}
	}
	err := kv.View(e, func(tx *kv.Tx) error { return same(tx, model, "") })
	if err := errors.Join(err, e.Close()); err != nil {
		rt.Fatal(err)
	}
}

func transaction(rt *rapid.T, tx *kv.Tx, next map[string]string, key *rapid.Generator[string], failed error) error {
	var saved *kv.Savepoint
	var kept map[string]string
	for range rapid.IntRange(0, 10).Draw(rt, "steps") {
		k := key.Draw(rt, "key")
		var err error
		switch rapid.SampledFrom([]string{"set", "set", "delete", "read", "save", "back"}).Draw(rt, "do") {
		case "set":
			next[k] = rapid.SampledFrom([]string{"", "x", "yy"}).Draw(rt, "value")
			err = tx.Set([]byte(k), []byte(next[k]))
		case "delete":
			delete(next, k)
			err = tx.Delete([]byte(k))
		case "read":
			err = same(tx, next, k)
		case "save":
			saved, kept = tx.Savepoint(), maps.Clone(next)
		case "back":
			if saved != nil {
				saved.Rollback()
				clear(next)
				maps.Copy(next, kept)
			}
		}
		if err != nil {
			return err
		}
	}
	if rapid.IntRange(0, 4).Draw(rt, "give up") == 0 {
		return failed
	}
	return same(tx, next, "")
}

// same says where a transaction sees something else than the map below a prefix.
func same(tx *kv.Tx, model map[string]string, prefix string) error {
	var want []string
	for _, k := range slices.Sorted(maps.Keys(model)) {
		if strings.HasPrefix(k, prefix) {
			want = append(want, k+"="+model[k])
		}
	}
	got, err := dump(tx, prefix)
	if err == nil && got != strings.Join(want, " ") {
		err = fmt.Errorf("below %q: %q, not %q", prefix, got, strings.Join(want, " "))
	}
	if v, e := tx.Get([]byte("a" + prefix)); e != nil || string(v) != model["a"+prefix] {
		err = errors.Join(err, e, fmt.Errorf("%q holds %q, not %q", "a"+prefix, v, model["a"+prefix]))
	}
	return err
}
