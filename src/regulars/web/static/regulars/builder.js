// The segment builder: rows that read like a sentence, in groups; the hidden field holds the rule as JSON.
(() => {
  const root = document.getElementById("rule-rows");
  if (!root) return;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const { fields, words, digits } = read("rule-vocabulary");
  const byId = new Map(fields.map((f) => [f.id, f]));
  const hidden = document.getElementById("rule-json");
  const unit = 10 ** digits;
  let serial = 0;

  const el = (tag, props = {}, ...children) => {
    const { data = {}, aria, ...rest } = props;
    const made = Object.assign(document.createElement(tag), rest);
    Object.assign(made.dataset, data);
    if (aria) made.setAttribute("aria-label", aria);
    made.append(...children.filter((c) => c != null));
    return made;
  };

  // --- the rule as a tree of groups and leaves ---------------------------------------
  const group = (mode, rules) => ({ key: ++serial, mode, rules });
  const node = (rule) => {
    if (rule.all || rule.any) return group(rule.all ? "all" : "any", (rule.all || rule.any).map(node));
    if (!rule.not) return { key: ++serial, leaf: rule };
    const inner = node(rule.not);
    return inner.mode === "any" ? { ...inner, mode: "none" } : group("none", [inner]);
  };
  const rule = (one) => {
    if (one.leaf) return one.leaf;
    const rules = one.rules.map(rule).filter(Boolean);
    if (!rules.length) return null;
    return one.mode === "none" ? { not: { any: rules } } : { [one.mode]: rules };
  };
  const given = read("rule-start");
  let top = node(given && typeof given === "object" ? given : { all: [] });
  if (top.leaf) top = group("all", [top]);

  const fieldOf = (leaf) =>
    leaf.person ? `person.${leaf.person}` : leaf.score ? `score.${leaf.score}` : `${leaf.fact}.${leaf.measure || "count"}`;
  const about = (leaf) => byId.get(fieldOf(leaf));
  const fresh = (id) => {
    const field = byId.get(id);
    const [room, ...rest] = id.split(".");
    const leaf = room === "person" || room === "score" ? { [room]: rest.join(".") } : { fact: room, measure: rest[0] };
    const plain = { number: ["at_least", 1], money: ["at_least", unit], share: ["more_than", 0.5], days: ["at_most", 30] };
    const [op, value] = plain[field.kind] || [field.ops[0][0], field.kind === "flag" ? true : field.choices[0]?.[0] ?? ""];
    Object.assign(leaf, { op, value });
    if (field.window && !["last", "first"].includes(leaf.measure)) leaf.window = { days: 90 };
    const needed = field.where.filter((w) => w.needed).map((w) => [w.key, w.choices[0]?.[0] ?? ""]);
    if (needed.length) leaf.where = Object.fromEntries(needed);
    return leaf;
  };

  const tell = () => {
    hidden.value = JSON.stringify(rule(top) || { all: [] });
    hidden.dispatchEvent(new Event("rulechange", { bubbles: true }));
  };
  const redraw = (focus) => {
    root.replaceChildren(drawGroup(top, null));
    if (focus) root.querySelector(`[data-key="${focus}"]`)?.focus();
    tell();
  };

  // --- controls ------------------------------------------------------------------------
  const select = (options, value, props, change) => {
    const box = el("select", { className: "form-select w-auto mw-100", ...props });
    options.forEach(([v, text]) => box.append(el("option", { value: v, textContent: text, selected: v === value })));
    box.addEventListener("change", () => change(box.value));
    return box;
  };
  const input = (type, value, props, change) => {
    const box = el("input", { type, className: "form-control", value: value ?? "", autocomplete: "off", ...props });
    if (type === "number") box.classList.add("builder-number");
    box.addEventListener("input", () => { change(box.value); tell(); });
    return box;
  };
  const lists = new Set();
  const suggest = (box, of) => {
    const id = `values-${of.replace(/[^\w]/g, "_")}`;
    box.setAttribute("list", id);
    box.addEventListener("focus", async () => {
      if (lists.has(id)) return;
      lists.add(id);
      const answer = await fetch(`${root.dataset.values}?of=${encodeURIComponent(of)}`);
      if (!answer.ok) return;
      const found = (await answer.json()).values;
      document.body.append(el("datalist", { id }, ...found.map(([v, text]) => el("option", { value: v, label: text }))));
    });
    return box;
  };
  const number = (leaf, value, keep, props = {}) => {
    const kind = about(leaf)?.kind;
    const shown = value == null || value === "" ? "" : kind === "money" ? value / unit : kind === "share" ? Number((value * 100).toPrecision(12)) : value;
    const box = input("number", shown, { step: "any", inputMode: "decimal", ...props, aria: words.value }, (text) => {
      const n = text === "" ? null : Number(text);
      keep(n == null ? null : kind === "money" ? Math.round(n * unit) : kind === "share" ? Number((n / 100).toPrecision(12)) : n);
    });
    const sign = kind === "money" ? words.money : kind === "share" ? words.percent : kind === "days" ? words.days : "";
    return sign ? el("div", { className: "input-group w-auto flex-nowrap" }, box, el("span", { className: "input-group-text", textContent: sign })) : box;
  };
  const NUMERIC = ["at_least", "at_most", "more_than", "less_than", "between"];

  const drawValue = (one, field) => {
    const leaf = one.leaf;
    const keep = (v) => { leaf.value = v; };
    const data = { key: `${one.key}-value` };
    if (leaf.op === "known" || leaf.op === "unknown") return [];
    if (leaf.op === "between") {
      if (!Array.isArray(leaf.value)) leaf.value = [leaf.value ?? 0, leaf.value ?? 0];
      const part = (i) => number(leaf, leaf.value[i], (v) => { leaf.value[i] = v; }, i ? {} : { data });
      return [part(0), el("span", { className: "align-self-center", textContent: words.to }), part(1)];
    }
    if (leaf.op === "one_of" || leaf.op === "none_of") {
      const several = (text) => text.split(/[,，、;；]/).map((t) => t.trim()).filter(Boolean);
      if (field.choices.length) {
        const box = select(field.choices, "", { multiple: true, size: Math.min(field.choices.length, 5), data, aria: words.value }, () => {
          keep([...box.selectedOptions].map((o) => o.value));
          tell();
        });
        [...box.options].forEach((o) => { o.selected = (leaf.value || []).includes(o.value); });
        return [box];
      }
      return [input("text", (leaf.value || []).join(", "), { data, aria: words.value, placeholder: words.several }, (t) => keep(several(t)))];
    }
    if (field.kind === "flag") {
      return [select([["true", words.yes], ["false", words.no]], String(leaf.value), { data, aria: words.value }, (v) => { keep(v === "true"); tell(); })];
    }
    if (field.choices.length) {
      return [select(field.choices, leaf.value, { data, aria: words.value }, (v) => { keep(v); tell(); })];
    }
    if (["text", "tags"].includes(field.kind) || (field.kind === "any" && !NUMERIC.includes(leaf.op))) {
      const box = input("text", leaf.value, { data, aria: words.value, className: "form-control builder-text" }, keep);
      return [suggest(box, field.id)];
    }
    return [number(leaf, leaf.value, keep, { data })];
  };

  const drawWhere = (one, field) => field.where.map((w) => {
    const leaf = one.leaf;
    const value = leaf.where?.[w.key] ?? "";
    const data = { key: `${one.key}-${w.key}` };
    const keep = (v) => {
      leaf.where = { ...leaf.where, [w.key]: v };
      if (!v) delete leaf.where[w.key];
      if (!Object.keys(leaf.where).length) delete leaf.where;
    };
    const control = w.choices.length
      ? select([...(w.needed ? [] : [["", words.anything]]), ...w.choices], value, { data, aria: w.title }, (v) => { keep(v); tell(); })
      : suggest(input("text", value, { data, aria: w.title, placeholder: words.anything, className: "form-control builder-text" }, (v) => keep(v.trim())), `${leaf.fact}.${w.key}`);
    return el("label", { className: "input-group w-auto flex-nowrap" }, el("span", { className: "input-group-text", textContent: w.title }), control);
  });

  const drawWindow = (one, field) => {
    if (!field.window) return [];
    const leaf = one.leaf;
    const w = leaf.window || {};
    const mode = w.since !== undefined || w.until !== undefined ? "dates" : w.ago ? "earlier" : w.days ? "last" : "ever";
    const start = { ever: undefined, last: { days: w.days || 90 }, earlier: { ago: 30, days: 60 }, dates: { since: null, until: null } };
    const change = (v) => {
      leaf.window = start[v];
      if (v === "ever") delete leaf.window;
      if (v === "dates") leaf.window = { since: `${new Date().getFullYear()}-01-01` };
      redraw(`${one.key}-when`);
    };
    const modes = [["last", words.last], ["ever", words.ever], ["earlier", words.earlier], ["dates", words.dates]];
    const parts = [select(modes, mode, { data: { key: `${one.key}-when` }, aria: words.when }, change)];
    const whole = (v, least, keep) => el("div", { className: "input-group w-auto flex-nowrap" },
      input("number", v, { min: least, step: 1, aria: words.days }, (t) => keep(t === "" ? null : Math.round(Number(t)))),
      el("span", { className: "input-group-text", textContent: words.days }));
    if (mode === "last") parts.push(whole(w.days, 1, (n) => { leaf.window = { days: n ?? 0 }; }));
    if (mode === "earlier") {
      let [near, far] = [w.ago, w.days ? w.ago + w.days - 1 : null];
      const keep = () => { leaf.window = far == null ? { ago: near || 0 } : { ago: near || 0, days: far - (near || 0) + 1 }; };
      parts.push(whole(near, 0, (n) => { near = n; keep(); }), el("span", { className: "align-self-center", textContent: words.to }), whole(far, 1, (n) => { far = n; keep(); }));
    }
    if (mode === "dates") {
      const end = (name) => input("date", w[name], { aria: words[name === "since" ? "from" : "until"], className: "form-control w-auto" }, (t) => {
        leaf.window = { ...leaf.window, [name]: t || undefined };
      });
      parts.push(end("since"), el("span", { className: "align-self-center", textContent: words.to }), end("until"));
    }
    return parts;
  };

  const drawLeaf = (one, parent) => {
    const field = about(one.leaf);
    const remove = el("button", { type: "button", className: "btn btn-icon btn-ghost-secondary builder-remove", aria: words.remove, textContent: "×", data: { key: `${one.key}-remove` } });
    remove.addEventListener("click", () => {
      const at = parent.rules.indexOf(one);
      parent.rules.splice(at, 1);
      redraw(parent.rules.length ? `${parent.rules[Math.max(at - 1, 0)].key}-field` : `${parent.key}-add`);
    });
    const row = el("div", { className: "builder-row d-flex flex-wrap gap-2 align-items-start py-2" });
    row.setAttribute("role", "group");
    if (!field) {
      row.append(el("code", { className: "text-break", textContent: JSON.stringify(one.leaf), title: words.kept }), remove);
      return row;
    }
    const what = el("select", { className: "form-select w-auto builder-what", aria: words.what, data: { key: `${one.key}-field` } });
    const groups = new Map();
    fields.forEach((f) => groups.set(f.group, [...(groups.get(f.group) || []), f]));
    groups.forEach((some, label) => {
      what.append(el("optgroup", { label }, ...some.map((f) => el("option", { value: f.id, textContent: f.title, selected: f.id === field.id }))));
    });
    what.addEventListener("change", () => { one.leaf = fresh(what.value); redraw(`${one.key}-field`); });
    const how = select(field.ops, one.leaf.op, { aria: words.how, data: { key: `${one.key}-op` } }, (op) => {
      const many = (o) => ["one_of", "none_of"].includes(o);
      const was = one.leaf.op;
      one.leaf.op = op;
      if (op === "known" || op === "unknown") delete one.leaf.value;
      else if (many(op)) one.leaf.value = many(was) ? one.leaf.value : typeof one.leaf.value === "string" && one.leaf.value ? [one.leaf.value] : [];
      else if (op !== "between" && Array.isArray(one.leaf.value)) one.leaf.value = one.leaf.value[0] ?? "";
      if (NUMERIC.includes(op) && op !== "between" && typeof one.leaf.value === "string") one.leaf.value = null;
      redraw(`${one.key}-op`);
    });
    row.append(what, ...drawWhere(one, field), ...drawWindow(one, field), how, ...drawValue(one, field), remove);
    return row;
  };

  const drawGroup = (one, parent) => {
    const modes = [["all", words.all], ["any", words.any], ["none", words.none]];
    const head = el("div", { className: "d-flex gap-2 align-items-center" },
      select(modes, one.mode, { aria: words.how, data: { key: `${one.key}-mode` }, className: "form-select w-auto fw-medium" }, (v) => { one.mode = v; redraw(`${one.key}-mode`); }));
    if (parent) {
      const remove = el("button", { type: "button", className: "btn btn-icon btn-ghost-secondary ms-auto", aria: words.removeGroup, textContent: "×" });
      remove.addEventListener("click", () => { parent.rules.splice(parent.rules.indexOf(one), 1); redraw(`${parent.key}-add`); });
      head.append(remove);
    }
    const rows = one.rules.map((r) => (r.leaf ? drawLeaf(r, one) : drawGroup(r, one)));
    const add = el("button", { type: "button", className: "btn btn-sm", textContent: `+ ${words.add}`, data: { key: `${one.key}-add` } });
    add.addEventListener("click", () => {
      const made = { key: ++serial, leaf: fresh("orders.count") };
      one.rules.push(made);
      redraw(`${made.key}-field`);
    });
    const more = el("button", { type: "button", className: "btn btn-sm btn-ghost-secondary", textContent: `+ ${words.group}` });
    more.addEventListener("click", () => {
      const made = group(one.mode === "any" ? "all" : "any", [{ key: ++serial, leaf: fresh("orders.count") }]);
      one.rules.push(made);
      redraw(`${made.key}-mode`);
    });
    return el("div", { className: `builder-group${parent ? " builder-inner" : ""}` }, head, ...rows, el("div", { className: "btn-list pt-2" }, add, more));
  };

  redraw();
})();
