// Shows the instance's clock, or how long something has lasted, once a second. The base is set by pulse.js.
const PHRASES = {
  zh: { s: "{n} 秒", ms: "{n} 分 {s} 秒", m: "{n} 分", h: "{n} 小时", d: "{n} 天", ds: "{n} 天" },
  en: { s: "{n} s", ms: "{n} min {s} s", m: "{n} min", h: "{n} h", d: "{n} day", ds: "{n} days" },
};

function now() {
  const base = window.mapleClock;
  return base ? base.server + (performance.now() - base.at) * base.rate : Date.now();
}

function lasting(seconds, phrases) {
  const total = Math.max(0, Math.floor(seconds));
  const fill = (text, n, s) => text.replace("{n}", n).replace("{s}", s);
  if (total < 60) return fill(phrases.s, total);
  if (total < 600 && total % 60) return fill(phrases.ms, Math.floor(total / 60), total % 60);
  if (total < 7200) return fill(phrases.m, Math.floor(total / 60));
  if (total < 172800) return fill(phrases.h, Math.floor(total / 3600));
  const days = Math.floor(total / 86400);
  return fill(days === 1 ? phrases.d : phrases.ds, days);
}

export default {
  template: `<span class="ticking">{{ words }}</span>`,
  props: { kind: String, since: Number, language: String, zone: String },
  data: () => ({ words: "" }),
  mounted() {
    this.tick();
    addEventListener("maple-tick", this.tick);
    // one beat for all, so that no two clocks of a page differ
    window.mapleBeat ??= setInterval(() => dispatchEvent(new Event("maple-tick")), 1000);
  },
  unmounted() {
    removeEventListener("maple-tick", this.tick);
  },
  watch: {
    since() {
      this.tick();
    },
  },
  methods: {
    tick() {
      const moment = new Date(now());
      if (this.kind === "since") {
        this.words = lasting((moment - this.since) / 1000, PHRASES[this.language]);
      } else if (this.kind === "time") {
        this.words = new Intl.DateTimeFormat("en-GB", {
          timeZone: this.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
        }).format(moment);
      } else {
        const day = new Intl.DateTimeFormat("sv-SE", { timeZone: this.zone }).format(moment);
        const locale = this.language === "zh" ? "zh-CN" : "en-GB";
        const weekday = new Intl.DateTimeFormat(locale, { timeZone: this.zone, weekday: "long" }).format(moment);
        this.words = `${day} ${weekday}`;
      }
    },
  },
};
