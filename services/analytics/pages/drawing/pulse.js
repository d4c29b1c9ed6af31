// Keeps the page's clock, and says when the picture is not live: the services do not answer, or this browser is cut off.
export default {
  template: `<div class="pulse" :class="{ off: notLive }" role="status"><span v-if="notLive">{{ sentence }}</span></div>`,
  props: { server: Number, rate: Number, live: Boolean, since: Number, phrase: String, zone: String },
  data: () => ({ cutOff: null }),
  computed: {
    notLive() {
      return !this.live || this.cutOff !== null;
    },
    sentence() {
      const moment = this.cutOff ?? this.since;
      const time = new Intl.DateTimeFormat("en-GB", {
        timeZone: this.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
      }).format(new Date(moment));
      return this.phrase.replace("{time}", time);
    },
  },
  watch: {
    notLive(value) {
      document.documentElement.classList.toggle("not-live", value);
    },
  },
  created() {
    this.sync(this.server, this.rate);
  },
  mounted() {
    document.documentElement.classList.toggle("not-live", this.notLive);
    this.listening = setInterval(() => {
      if (!window.socket) return;
      clearInterval(this.listening);
      window.socket.on("disconnect", () => (this.cutOff = this.now()));
      window.socket.on("connect", () => (this.cutOff = null));
    }, 100);
  },
  unmounted() {
    clearInterval(this.listening);
  },
  methods: {
    now() {
      const base = window.mapleClock;
      return base.server + (performance.now() - base.at) * base.rate;
    },
    sync(server, rate) {
      window.mapleClock = { server, rate, at: performance.now() };
      dispatchEvent(new Event("maple-tick"));
    },
  },
};
