package codectest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"reflect"
	"strings"
	"time"
	"unsafe"

	"dkron/internal/codec"
)

var (
	timeType    = reflect.TypeFor[time.Time]()
	messageType = reflect.TypeFor[codec.Message]()
)

// fill gives each field of a struct that is zero a value, by its name and type alone, and returns the names of the
// fields. Messages within it stay zero unless deep is set: they have a form of their own.
func fill(v reflect.Value, deep bool) (names []string) {
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if v.Type().Field(i).Type.Kind() == reflect.Interface {
			continue // has a form of its own
		}
		names = append(names, name)
		if f := field(v, name); f.IsZero() {
			set(f, name, deep)
		}
	}
	return names
}

// keepInterfaces copies the fields that are interfaces.
func keepInterfaces(to, from reflect.Value) {
	for i := range from.NumField() {
		if f := from.Type().Field(i); f.Type.Kind() == reflect.Interface {
			field(to, f.Name).Set(field(from, f.Name))
		}
	}
}

// field returns a field of a struct, which can be set also if it is not exported.
func field(v reflect.Value, name string) reflect.Value {
	f := v.FieldByName(name)
	return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
}

func set(f reflect.Value, name string, deep bool) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	number := 2 + int64(h.Sum32()%1000)
	switch t := f.Type(); {
	case t == timeType:
		f.Set(reflect.ValueOf(time.Unix(1_700_000_000+number, number).UTC()))
	case reflect.PointerTo(t).Implements(messageType):
		if deep {
			fill(f, true)
		}
	case f.CanInt():
		f.SetInt(number)
	case f.CanUint():
		f.SetUint(uint64(number))
	default:
		setOther(f, name, deep)
	}
}

func setOther(f reflect.Value, name string, deep bool) {
	t := f.Type()
	switch t.Kind() {
	case reflect.Bool:
		f.SetBool(true)
	case reflect.String:
		f.SetString(strings.ToLower(name))
	case reflect.Pointer:
		f.Set(reflect.New(t.Elem()))
		set(f.Elem(), name, deep)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			f.SetBytes([]byte(strings.ToLower(name)))
			return
		}
		f.Set(reflect.MakeSlice(t, 2, 2))
		set(f.Index(0), name, deep)
		set(f.Index(1), name+"2", deep)
	case reflect.Map:
		f.Set(reflect.MakeMap(t))
		for _, key := range []string{"a", "b"} {
			value := reflect.New(t.Elem()).Elem()
			set(value, name+key, deep)
			f.SetMapIndex(reflect.ValueOf(key), value)
		}
	case reflect.Struct:
		fill(f, deep)
	default:
		panic(fmt.Sprintf("%s has the type %s, which codectest can't fill: teach it", name, t))
	}
}

// disturb gives a field another value.
func disturb(f reflect.Value) {
	switch t := f.Type(); {
	case t != timeType && reflect.PointerTo(t).Implements(messageType):
		f.SetZero()
		fill(f, true)
	default:
		f.SetZero()
	}
}

// typeName says how a field is written.
func typeName(t reflect.Type) string {
	switch {
	case t == timeType:
		return "time"
	case t == reflect.TypeFor[time.Duration]():
		return "duration"
	case t.Kind() == reflect.Pointer:
		return typeName(t.Elem())
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return "bytes"
	case t.Kind() == reflect.Slice:
		return "[]" + typeName(t.Elem())
	case t.Kind() == reflect.Map:
		return "map[" + typeName(t.Key()) + "]" + typeName(t.Elem())
	case t.Kind() == reflect.Struct:
		return t.Name()
	}
	switch v := reflect.Zero(t); {
	case v.CanInt():
		return "int"
	case v.CanUint():
		return "uint"
	}
	return t.Kind().String()
}

// split takes a message apart: the bytes of each field, with its tags, and the numbers in the order in which they come.
func split(data []byte) (values map[codec.Number][]byte, order []codec.Number, err error) {
	values = make(map[codec.Number][]byte)
	for len(data) > 0 {
		tag, n := binary.Uvarint(data)
		length, m := binary.Uvarint(data[max(n, 0):])
		if n <= 0 || m <= 0 {
			return nil, nil, errors.New("the encoded message is torn")
		}
		size := n + m
		switch tag & 7 {
		case 0: // a number: what was read as a length
		case 2:
			size += int(length)
		default:
			return nil, nil, fmt.Errorf("wire type %d is not known to codectest: teach it", tag&7)
		}
		number := codec.Number(tag >> 3)
		if _, has := values[number]; !has {
			if len(order) > 0 && number < order[len(order)-1] {
				return nil, nil, fmt.Errorf("field %d is written after field %d: numbers must ascend, or readers skip it", number, order[len(order)-1])
			}
			order = append(order, number)
		}
		values[number] = append(values[number], data[:size]...)
		data = data[size:]
	}
	return values, order, nil
}
