// print: size=1440x960 key=#123a33 spot=#e8a33d seed=131
// Low water: pools to the horizon, the line of stakes, a boat that waits for the tide.
#declare Seed=71; #declare Haze=520; #declare HazeTop=16; #declare SunX=.55; #declare SunY=.30; #declare SunZ=.9; #declare SunLight=.9; #declare SkyLow=.97; #declare SkyHigh=.40; #declare SkyBand=.30; #declare Fill=.16; #declare Ambient=.12;
#include "kit.inc"
#declare Eye=<0,4.2,-24>;
camera{location Eye look_at Eye+<.0,-.115,1> right x*image_width/image_height angle 58}
Cloud(-16,6,10,.62) Cloud(8,8,12,.58) Cloud(24,5,8,.62) Cloud(-30,9,7,.55) Cloud(-3,4.4,6,.7)
// Mud: long ripples on slow swellings, and what lies below y=0 is a pool.
#declare Mud=function(a,b){.16*(Blots(a*.10,b*.060,1.3)-.54)+.22*(Blots(a*.033,b*.022,5.1)-.50)+.07*(Blots(a*.42,b*.20,7)-.5)+.042*sin(a*.9+b*3.1+4*Blots(a*.16,b*.16,2))*(.25+Blots(a*.13,b*.09,4))}
height_field{function 1400,1400{max(0,min(1,.5+Mud(-130+260*x,-22+420*(1-y))/.5))} smooth translate<0,-.5,0> scale<260,.5,420> translate<-130,0,-22> #if (Plate=1) pigment{rgb .17} finish{ambient .10 diffuse .95 reflection{.0,.55 fresnel on}} interior{ior 1.4} #else Flat(0) #end}
plane{y,-.004 #if (Plate=1) pigment{rgb .06} finish{ambient .03 diffuse .2 reflection{.50,.97 fresnel on} conserve_energy} #else pigment{rgb 0} finish{ambient 0 diffuse 0 reflection{.35,.95 fresnel on}} #end interior{ior 1.33} normal{bumps .012 scale<3,1,.8>}}
// The far shore and the Marine Station on it.
Ridge(-600,200,560,26,3.4,.24) Ridge(-100,700,640,40,1.1,.30)
union{ box{<0,0,0>,<26,7,10>} box{<26,0,0>,<34,11,10>} prism{linear_spline 0,10,4,<-1,0>,<27,0>,<13,4>,<-1,0> rotate -x*90 translate<0,7,10>} Tone(.10) translate<88,5,500>}
// The stakes, each with its flag.
#declare k=0; #while(k<26)
  #declare p=<5.2-k*.30-k*k*.012,-.1,-13+k*4.4+k*k*.16>; #declare lean=Between(-7,7);
  union{ Bar(0,y*2.05,.035) 
    mesh{ #declare j=0; #while(j<6) #declare a=j*.11; #declare b=a+.11; #declare za=.06*sin(a*9+k); #declare zb=.06*sin(b*9+k); triangle{<a,2.02-a*.10,za>,<b,2.02-b*.10,zb>,<b,1.58-b*.16,zb>} triangle{<a,2.02-a*.10,za>,<b,1.58-b*.16,zb>,<a,1.58-a*.16,za>} #declare j=j+1; #end Spot(.95)}
    rotate z*lean Tone(.004) translate p}
#declare k=k+1; #end
// The boat, aground on its bilge.
object{Skiff(6.6,.006,.34) rotate x*-20 rotate y*27 translate<-5.6,.10,-7.6>}
union{Bar(<0,0,0>,<2.2,-.95,-1.2>,.02) Tone(.004) translate<-2.6,1.0,-6.2>} union{Bar(<-.3,0,0>,<.3,.1,0>,.045) Bar(<0,0,0>,<.25,.55,.1>,.04) Tone(.004) translate<-.4,.06,-7.4>}
// Two who count, bent over.
#macro Stooped(H) union{ object{CoatShape scale<1,.62,.75>} cone{<0,.50,0>,.135,<.02,.66,.26>,.10} sphere{<.02,.66,.28>,.10} sphere{<.03,.63,.43>,.062} cone{<-.09,.60,.26>,.042,<-.09,.28,.36>,.03} cone{<.11,.60,.26>,.042,<.12,.26,.34>,.03} cone{<-.06,0,0>,.04,<-.06,.2,0>,.05} cone{<.06,0,0>,.04,<.06,.2,0>,.05} scale H Tone(.006)} #end
object{Stooped(1.78) rotate y*-62 translate<4.6,-.05,18>} object{Stooped(1.72) rotate y*58 translate<-1.2,-.05,25>}
union{cone{0,.14,y*.32,.18} Tone(.006) translate<5.8,-.02,18.2>}
#declare i=0; #while(i<9) Gull(<Between(-16,16),Between(6,10),Between(8,30)>,Between(.45,.8),Between(-30,30),.02) #declare i=i+1; #end
